import { ReferenceModel } from './reference-model';
import type { Outcome, Player } from './player';
import type { Step, Verdict } from './step';

/** The ledger and the model do not say the same. */
export class Difference extends Error {
  readonly step: Step | null;

  constructor(step: Step | null, message: string) {
    super(message);
    this.name = 'Difference';
    this.step = step;
  }
}

/** How a history came out: the model, and how much each had taken after each step. */
export interface Played {
  readonly model: ReferenceModel;
  /** Entries of the model and the position of the log after each step. */
  readonly marks: readonly { readonly entries: number; readonly position: number }[];
}

const agrees = ({ outcome, codes }: Verdict, seen: Outcome): boolean => {
  switch (outcome) {
    case 'repeated':
      return seen.outcome !== 'refused';
    case 'refused':
      return seen.outcome === 'refused' && (codes.includes('ANY') || codes.includes(seen.code ?? ''));
    default:
      return seen.outcome === outcome;
  }
};

/** A history as the model judged it. */
export interface Judged {
  readonly model: ReferenceModel;
  readonly steps: readonly { readonly step: Step; readonly verdict: Verdict; readonly entries: number }[];
}

export const judge = (steps: readonly Step[]): Judged => {
  const model = new ReferenceModel();
  const judged = steps.map((step) => {
    const verdict = model.take(step);
    return { step, verdict, entries: model.entries.length };
  });
  return { model, steps: judged };
};

/**
 * Plays a history through one way into the ledger, command by command.
 * @throws Difference at the first command that the ledger judges otherwise than the model
 */
export const playHistory = async ({ model, steps }: Judged, player: Player): Promise<Played> => {
  const marks: { entries: number; position: number }[] = [];
  for (const { step, verdict, entries } of steps) {
    const seen = await player.play(step);
    if (!agrees(verdict, seen)) {
      const expected = `${verdict.outcome} ${verdict.codes.join(' or ')}`;
      throw new Difference(step, `expected ${expected}, the ledger says ${seen.outcome} ${seen.code ?? ''}`);
    }
    if (verdict.outcome === 'accepted') {
      try {
        await player.remember(step, model.entriesOf(step.id));
      } catch (error) {
        throw new Difference(step, String(error));
      }
    }
    marks.push({ entries, position: await player.ledger.log.head() });
  }
  return { model, marks };
};

/** Leaves out of a failing history whatever it fails without, halves first, then step by step. */
export const shrink = async (
  steps: readonly Step[],
  failure: (steps: readonly Step[]) => Promise<Error | null>,
): Promise<readonly Step[]> => {
  let short = steps;
  for (let size = Math.ceil(steps.length / 2); size >= 1;) {
    let left = false;
    for (let from = 0; from < short.length;) {
      const without = [...short.slice(0, from), ...short.slice(from + size)];
      if (without.length < short.length && (await failure(without)) !== null) {
        short = without;
        left = true;
      } else from += size;
    }
    if (size === 1 && !left) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return short;
};
