import { expectAlike, PATIENCE_MS } from './alike';

describe('random histories, through the reference model and the import of ledgers', () => {
  it(
    'come out alike',
    () => expectAlike('import', { from: 40_000, count: 12, readEvery: 1, proveEvery: 5 }),
    PATIENCE_MS,
  );
});
