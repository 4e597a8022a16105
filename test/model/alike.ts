import { drawHistory } from '../../bench/model/any-history';
import { type Looks, report, tryHistory, type Way } from '../../bench/model/try-history';

const COMMANDS = 100;

/** A guard against what never ends; alone on a machine the longest takes a minute. */
export const PATIENCE_MS = 900_000;

/** Histories of some seeds, each through the model and through one way into the ledger. */
export interface Histories {
  readonly from: number;
  readonly count: number;
  /** How often balances, traces, `verify` and `replay` are looked at: every so manieth history; 0 is never. */
  readonly readEvery: number;
  /** How often the read model is made anew as well, and evidence made and verified. */
  readonly proveEvery: number;
}

/** Refusals come by the thousand: where in the program they were made is of interest only when one is wrong. */
const withoutStacks = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = frames;
  }
};

const isTurn = (index: number, every: number): boolean => every > 0 && index % every === 0;

/** @throws with the history made short, when the ledger and the model do not say the same */
export const expectAlike = async (way: Way, { from, count, readEvery, proveEvery }: Histories): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    const seed = from + index;
    const history = drawHistory(seed, COMMANDS);
    const looks: Looks = { reads: isTurn(index, readEvery), proofs: isTurn(index, proveEvery) };
    const failure = await withoutStacks(() => tryHistory(history, way, seed, looks));
    if (failure !== null) throw new Error(await report(history, failure, way, seed, looks));
  }
};
