import { expectAlike, PATIENCE_MS } from './alike';

describe('random histories, through the reference model and the desk on SQLite', () => {
  it(
    'come out alike, with balances, traces, verify, replay, rebuild and evidence',
    () => expectAlike('sqlite', { from: 20_000, count: 30, readEvery: 1, proveEvery: 4 }),
    PATIENCE_MS,
  );
});
