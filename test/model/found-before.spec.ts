import { expectAlike, PATIENCE_MS } from './alike';

/** One of each kind in which the ledger and the model once disagreed in a campaign. */
const SEEDS = [2454, 2572, 6046, 11361, 16908, 26550, 34807, 35350, 48693, 83076, 102907];

describe('a history that a campaign once found to differ', () => {
  it.each(SEEDS)(
    'comes out alike: seed %i',
    (seed) => expectAlike('memory', { from: seed, count: 1, readEvery: 1, proveEvery: 2 }),
    PATIENCE_MS,
  );
});
