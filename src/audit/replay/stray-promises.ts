import { setImmediate } from 'node:timers/promises';

import { projectionInvalid } from './projection-invalid';

/**
 * Runs work that folds a projection of somebody else's. A promise that fails in it and that nobody waits for would end
 * the whole program, after an answer that seemed to be well.
 *
 * @throws DomainError(input) PROJECTION_INVALID
 */
export const withoutStrayPromises = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
  const failures: unknown[] = [];
  const note = (failure: unknown): void => void failures.push(failure);
  process.on('unhandledRejection', note);
  try {
    const result = await work();
    // They are told when the calls that they were made in are over.
    await setImmediate();
    if (failures.length > 0) throw projectionInvalid(name, null, failures[0]);
    return result;
  } finally {
    process.off('unhandledRejection', note);
  }
};
