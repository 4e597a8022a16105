import { type Following, type LogHead, readinessOf } from '../../src/platform/health';

const retrying: Following = { state: 'retrying', position: '100', reconnects: 3, lastFailure: 'gone' };
const codesOf = (log: LogHead, subscriptions: readonly Following[] = []): readonly string[] =>
  readinessOf({
    engine: 'eventstoredb',
    log,
    projectionPosition: 100,
    halted: false,
    unfinished: 0,
    subscriptions,
  }).reasons.map(({ code }) => code);
const codes = (position: number, subscriptions: readonly Following[]): readonly string[] =>
  codesOf({ kind: 'known', position }, subscriptions);

it('tells a log that is slow from one that is not there', () => {
  expect(codesOf({ kind: 'slow' })).toEqual(['LOG_SLOW']);
  expect(codesOf({ kind: 'unreachable' })).toEqual(['LOG_UNREACHABLE']);
});

it('is ready while a subscription that broke has nothing to miss', () => {
  expect(codes(100, [retrying])).toEqual([]);
});

it('is not ready when the log has gone on, or has become shorter than what was read of it', () => {
  expect(codes(120, [retrying])).toEqual(['LOG_NOT_FOLLOWED']);
  expect(codes(80, [retrying])).toEqual(['LOG_NOT_FOLLOWED']);
  expect(codes(80, [{ ...retrying, state: 'live' }])).toEqual([]);
});
