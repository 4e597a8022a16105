import { type Following, readinessOf } from '../../src/platform/health';

const retrying: Following = { state: 'retrying', position: '100', reconnects: 3, lastFailure: 'gone' };
const codes = (logPosition: number | null, subscriptions: readonly Following[]): readonly string[] =>
  readinessOf({
    engine: 'eventstoredb',
    logPosition,
    projectionPosition: 100,
    halted: false,
    unfinished: 0,
    subscriptions,
  }).reasons.map(({ code }) => code);

it('is ready while a subscription that broke has nothing to miss', () => {
  expect(codes(100, [retrying])).toEqual([]);
});

it('is not ready when the log has gone on, or has become shorter than what was read of it', () => {
  expect(codes(120, [retrying])).toEqual(['LOG_NOT_FOLLOWED']);
  expect(codes(80, [retrying])).toEqual(['LOG_NOT_FOLLOWED']);
  expect(codes(80, [{ ...retrying, state: 'live' }])).toEqual([]);
});
