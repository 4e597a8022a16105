import { expectAlike, PATIENCE_MS } from './alike';

describe('random histories, through the reference model and the desk in memory, second half', () => {
  it(
    'come out alike',
    () => expectAlike('memory', { from: 501, count: 500, readEvery: 10, proveEvery: 250 }),
    PATIENCE_MS,
  );
});
