import { expectAlike, PATIENCE_MS } from './alike';

describe('random histories, through the reference model and the HTTP service', () => {
  it('come out alike', () => expectAlike('http', { from: 30_000, count: 4, readEvery: 1, proveEvery: 2 }), PATIENCE_MS);
});
