import { MEASURES, type Measures } from '../../balances/measures';
import { ZERO_FEN } from '../../money/fen';
import { subtractSums, yuanFromSum } from '../../money/fen-sum';
import type { Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { readEvent } from '../../event-log/upcasting';
import type { ProjectionName } from '../../projecting/projection-loader';
import { measuresOf, OfficialFold } from './official-fold';

/** Events read at once when a stream is folded again. */
const PAGE = 1000;

/** A figure of one pool after each event that changed it. */
interface Step {
  readonly position: Position;
  readonly measures: Measures;
}

/** How one cell of one pool came about, event by event. */
const stepsOf = async (
  log: Pick<EventLog, 'readStream'>,
  stream: string,
  projection: ProjectionName,
  key: string,
  to: Position,
): Promise<readonly Step[]> => {
  const fold = new OfficialFold(null, [projection]);
  const steps: Step[] = [];
  let before = '';
  for (let from = 0; ; from += PAGE) {
    const page = await log.readStream(stream, from, PAGE);
    for (const stored of page) {
      if (stored.position > to) return steps;
      const event = readEvent(stored);
      fold.apply(event);
      const cell = fold.states.get(stream)?.[0]?.['cells']?.[key];
      const after = JSON.stringify(cell);
      if (cell !== undefined && after !== before) steps.push({ position: stored.position, measures: measuresOf(cell) });
      before = after;
    }
    if (page.length < PAGE) return steps;
  }
};

const isSame = (left: Measures, right: Measures): boolean =>
  MEASURES.every((measure) => left[measure] === right[measure]);

/**
 * The first event after which a stored cell and its projection part. A cell holds no past, so that it is told from how
 * they differ: the cell stands still where the projection once was; or one event is missing in it, or booked twice; and
 * where no event explains it, they part from the first event that the cell rests on.
 */
export const firstParting = async (
  log: Pick<EventLog, 'readStream'>,
  stream: string,
  projection: ProjectionName,
  key: string,
  found: Measures | null,
  to: Position,
): Promise<Position | null> => {
  const steps = await stepsOf(log, stream, projection, key, to);
  const first = steps[0]?.position ?? null;
  const last = steps.at(-1);
  if (found === null || last === undefined) return first;
  const stoodStill = steps.findLastIndex(({ measures }) => isSame(measures, found));
  if (stoodStill >= 0) return steps[stoodStill + 1]?.position ?? first;
  const wrongBy = MEASURES.map((measure) => subtractSums(found[measure], last.measures[measure]));
  const isOneEvent =
    (sign: 1 | -1) =>
    (step: Step, index: number): boolean =>
      MEASURES.every((measure, place) => {
        const before = steps[index - 1]?.measures[measure] ?? ZERO_FEN;
        const [less, more] = sign === 1 ? [before, step.measures[measure]] : [step.measures[measure], before];
        return subtractSums(more, less) === wrongBy[place];
      });
  const one = steps.find(isOneEvent(-1)) ?? steps.find(isOneEvent(1));
  return one?.position ?? first;
};

/** Measures that differ, as `paid 120.00 ≠ 100.00`: what it should be, and what it is. */
export const differenceText = (expected: Measures | null, found: Measures | null): string =>
  MEASURES.filter((measure) => (expected?.[measure] ?? 0) !== (found?.[measure] ?? 0))
    .map((measure) => {
      const text = (measures: Measures | null): string => (measures === null ? '—' : yuanFromSum(measures[measure]));
      return `${measure} ${text(expected)} ≠ ${text(found)}`;
    })
    .join(', ');
