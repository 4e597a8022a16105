import { parentPort } from 'node:worker_threads';

import { drawHistory } from './any-history';
import type { HistoryAnswer, HistoryOrder, PlayedHistory } from './campaign';
import type { Judged } from './play-history';
import { kindOf, type Looks, report, tryHistory, type Way } from './try-history';

/** Commands of one history. */
const COMMANDS = 100;

/** Which of the histories go another way than through the desk in memory, and how many are looked at closely. */
const planOf = (seed: number): { readonly way: Way; readonly looks: Looks } => {
  const way = seed % 400 === 7 ? 'http' : seed % 200 === 11 ? 'import' : seed % 100 === 3 ? 'sqlite' : 'memory';
  return {
    way,
    looks: {
      reads: way !== 'memory' || seed % 10 === 0,
      proofs: seed % 200 === 3 || seed % 400 === 7 || seed % 500 === 10,
    },
  };
};

const countsOf = <Name extends string>(names: readonly Name[]): Record<Name, number> => {
  const counts = {} as Record<Name, number>;
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const played = async (history: Judged, seed: number): Promise<PlayedHistory> => {
  const { way, looks } = planOf(seed);
  const failure = await tryHistory(history, way, seed, looks);
  const said = history.steps.map(({ verdict: { outcome, codes } }) =>
    outcome === 'refused' ? `refused ${codes[0] ?? ''}` : outcome,
  );
  return {
    seed,
    way,
    verdicts: countsOf(said),
    failure: failure === null ? null : { kind: kindOf(failure), message: failure.message },
  };
};

const shrunk = async (history: Judged, seed: number): Promise<string> => {
  const { way, looks } = planOf(seed);
  const failure = await tryHistory(history, way, seed, looks);
  return failure === null
    ? `seed ${seed}, ${way}: came out alike the second time`
    : report(history, failure, way, seed, looks);
};

const answer = async ({ seed, shrink }: HistoryOrder): Promise<HistoryAnswer> => {
  const history = drawHistory(seed, COMMANDS);
  return shrink
    ? { is: 'shrunk', seed, report: await shrunk(history, seed) }
    : { is: 'played', played: await played(history, seed) };
};

// Refusals are expected here by the million: where in the program they were made is of interest only when one is wrong.
const STACK_FRAMES = Error.stackTraceLimit;

parentPort?.on('message', (order: HistoryOrder | null) => {
  if (order === null) return parentPort?.close();
  Error.stackTraceLimit = order.shrink ? STACK_FRAMES : 0;
  void answer(order).then((said) => parentPort?.postMessage(said));
});
