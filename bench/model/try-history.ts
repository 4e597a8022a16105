import { compareAllBalances, compareTraces, requireSound } from './compare';
import { type Judged, judge, playHistory, shrink } from './play-history';
import { DeskPlayer, type Player } from './player';
import type { Step } from './step';

export const WAYS = ['memory', 'sqlite', 'http', 'import'] as const;
/** How a history goes into the ledger. */
export type Way = (typeof WAYS)[number];

/** How much is looked at when the last command is in. */
export interface Looks {
  /** Balances by every dimension and at other moments, traces, `verify` and `replay`. */
  readonly reads: boolean;
  /** The read model made anew, and evidence. */
  readonly proofs: boolean;
}

/** The service and the import are loaded where they are a history's way: most go another. */
const opened = async (way: Way, { reads, proofs }: Looks): Promise<Player> => {
  switch (way) {
    case 'http':
      return (await import('./http-player')).HttpPlayer.open();
    case 'import':
      return (await import('./import-player')).ImportPlayer.open();
    case 'sqlite':
      return DeskPlayer.open(way);
    case 'memory':
      return DeskPlayer.open(way, reads || proofs ? 'with tables' : 'without tables');
  }
};

/** Ledgers name no command ids: what hangs on one they cannot say. */
const sayable = (judged: Judged, way: Way): Judged => {
  if (way !== 'import') return judged;
  const known = new Set<string>();
  const steps = judged.steps.map(({ step }) => step);
  return judge(steps.filter(({ commandId }) => !known.has(commandId) && known.add(commandId)));
};

/** Plays a history and looks at what came of it. */
export const tryHistory = async (history: Judged, way: Way, seed: number, looks: Looks): Promise<Error | null> => {
  const judged = sayable(history, way);
  const player = await opened(way, looks);
  try {
    const played = await playHistory(judged, player);
    const { ledger } = player;
    if (!looks.reads && !looks.proofs) return null;
    await ledger.catchUp();
    compareAllBalances(ledger, played, seed);
    compareTraces(ledger, played);
    await requireSound(ledger);
    if (!looks.proofs) return null;
    await ledger.readModel.rebuild();
    compareAllBalances(ledger, played, seed + 1);
    const { exportedEvidence } = await import('./compare-evidence');
    await exportedEvidence(ledger, played, seed);
    return null;
  } catch (error) {
    return error as Error;
  } finally {
    await player.close();
  }
};

const stepText = ({ id, commandId, by, division, fiscalYear, effectiveOn, adjustment, asked }: Step): string =>
  [
    `#${id}`,
    `${division}/${fiscalYear}`,
    effectiveOn,
    by,
    ...(Number(commandId.slice(-12)) === id ? [] : [`under ${commandId}`]),
    ...(adjustment === undefined ? [] : [`by ${adjustment.approvalNo} of ${adjustment.approvedBy}`]),
    JSON.stringify(asked),
  ].join(' ');

/** Two failures of the same kind differ in nothing but numbers. */
export const kindOf = ({ message }: Error): string => message.replace(/\d+/g, '#').slice(0, 60);

/** A failing history made short, with what is needed to see it again. */
export const report = async (
  history: Judged,
  failure: Error,
  way: Way,
  seed: number,
  looks: Looks,
): Promise<string> => {
  const again = async (steps: readonly Step[]): Promise<Error | null> => {
    const other = await tryHistory(judge(steps), way, seed, looks);
    return other !== null && kindOf(other) === kindOf(failure) ? other : null;
  };
  const short = await shrink(
    history.steps.map(({ step }) => step),
    again,
  );
  const last = (await again(short)) ?? failure;
  const where = last.name === 'Difference' ? last.message : (last.stack ?? last.message);
  return [`seed ${seed}, ${way}: ${where}`, ...short.map(stepText)].join('\n  ');
};
