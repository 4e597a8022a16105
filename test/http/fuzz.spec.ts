import { fuzzService } from '../../bench/fuzz/main';

/** The whole run is `npm run fuzz -- --requests 10000`; here is as much of it as a test run has time for. */
const REQUESTS = 800;

it('answers whatever comes in as openapi.json says, and the ledger is sound afterwards', async () => {
  const { statuses, findings, afterwards } = await fuzzService({ requests: REQUESTS, seed: 20_240_101 });
  expect(findings).toEqual([]);
  expect(afterwards).toEqual([]);
  // Requests of every kind were among them: stored, answered, and refused by form and by rule.
  for (const status of ['200', '201', '400', '404', '422']) expect(statuses[status]).toBeGreaterThan(0);
});
