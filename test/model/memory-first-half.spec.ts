import { expectAlike, PATIENCE_MS } from './alike';

// Two files, so that two processors play them.
describe('random histories, through the reference model and the desk in memory, first half', () => {
  it(
    'come out alike',
    () => expectAlike('memory', { from: 1, count: 500, readEvery: 10, proveEvery: 250 }),
    PATIENCE_MS,
  );
});
