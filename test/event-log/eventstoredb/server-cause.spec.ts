import { connectionCause, serverCause } from '../../../src/event-log/eventstoredb/server-cause';
import { NoAnswer } from '../../../src/event-log/eventstoredb/server-failure';

const ofGrpc = (code: number, details: string): Error =>
  Object.assign(new Error(`${code} ${details}`), { code, details });

/** Words as a server of version 24.6 and its client have said them. */
const SAID: readonly (readonly [said: string, error: Error, zh: string, en: string])[] = [
  [
    'refused',
    ofGrpc(14, 'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:2113 (2026-01-01T00:00:00.000Z)'),
    '对方没有在该地址提供服务',
    'nothing listens at its address',
  ],
  ['an unknown host', ofGrpc(14, 'Name resolution failed for target dns:nowhere:2113'), '查不到该主机名', 'host name'],
  ['a reset', ofGrpc(14, 'read ECONNRESET'), '对方中断了连接', 'broke the connection off'],
  ['a dropped connection', ofGrpc(14, 'Connection dropped'), '对方中断了连接', 'broke the connection off'],
  ['a reset stream', ofGrpc(13, 'Received RST_STREAM with code 2'), '对方中断了连接', 'broke the connection off'],
  ['a deadline', ofGrpc(4, 'Deadline exceeded after 4.001s,remote_addr=127.0.0.1:2113'), '没有及时应答', 'in time'],
  ['a timeout inside', ofGrpc(10, 'Operation timed out: Commit phase timeout.'), '没有及时应答', 'in time'],
  ['no answer', new NoAnswer('an append to pool-1', 4000), '没有及时应答', 'in time'],
  [
    'a certificate',
    ofGrpc(14, 'No connection established. Last error: self-signed certificate in certificate chain (2026)'),
    '加密连接未能建立',
    'no secure connection',
  ],
  ['another leader', ofGrpc(5, 'Leader info available at 127.0.0.1:2114'), '主节点', 'leader'],
  ['no leader', ofGrpc(2, 'No leader info available in response'), '主节点', 'leader'],
  ['a start', ofGrpc(14, 'Server Is Not Ready'), '正在启动', 'starting'],
  ['too much work', ofGrpc(14, 'Server Is Too Busy'), '繁忙', 'busy'],
  ['no node', new Error('Failed to discover after 10 attempts.'), '找不到可用的节点', 'none of the addresses'],
  ['an exception', ofGrpc(2, 'Exception was thrown by handler.'), '服务器内部出错', 'inside the server'],
  ['nothing more', ofGrpc(14, ''), '暂时不可用', 'not available'],
];

it.each(SAID)('tells %s in both languages, and keeps the words', (_, error, zh, en) => {
  const cause = serverCause(error);
  expect(cause.zh).toContain(zh);
  expect(cause.zh).not.toMatch(/[a-z]{3,} [a-z]{2,}/i);
  expect(cause.en).toContain(en);
  expect(cause.raw).toBe((error as { details?: string }).details ?? error.message);
});

it('hands on what it does not know', () => {
  expect(serverCause(ofGrpc(99, 'something new')).zh).toContain('something new');
});

it.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', '不是由所信任的机构签发'],
  ['CERT_HAS_EXPIRED', '已过期'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', '没有这个名称或地址'],
  ['EPROTO', '没有使用加密连接'],
  ['ECONNREFUSED', '没有在该地址提供服务'],
])('tells the reason %s of a connection, and where', (code, zh) => {
  const cause = connectionCause('host:2113', Object.assign(new Error(`connect ${code} in words`), { code }));
  expect(cause.zh).toContain('host:2113');
  expect(cause.zh).toContain(zh);
  expect(cause.raw).toContain(code);
});
