import { join, resolve } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import { asUsage, EXIT, UsageError } from '../exit-code';
import type { Register } from '../program';
import type { Terminal } from '../terminal';
import { untilToldToStop } from '../until-told-to-stop';

interface Options {
  readonly log: readonly string[];
  readonly dir: string;
  readonly host: string;
  readonly port: string;
  readonly name?: string;
  readonly key?: boolean;
}

const DEFAULT_PORT = '3100';
const PORT = /^\d{1,5}$/;

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export const registerWitness: Register = (line) =>
  void line.add<Options>({
    name: 'witness',
    zh: '见证服务（C2SP tlog-witness）：审计机关自己运行，只为前后一致的检查点签名并留存',
    en: 'run a witness (C2SP tlog-witness): cosigns and keeps checkpoints that are consistent with the last one',
    example: "yichi witness --log 'yichi.local/log/…+…+…' --dir /srv/witness --port 3100",
    configure: (command, say) =>
      command
        .option('--log <vkey>', say('所见证账本的公钥，可多次', 'key of a log to witness; repeatable'), collect, [])
        .option('--dir <dir>', say('密钥和签名记录的目录', 'directory of the key and of what was cosigned'), 'witness')
        .option('--host <host>', say('监听地址', 'address to listen on'), '127.0.0.1')
        .option('--port <port>', say('监听端口', 'port to listen on'), DEFAULT_PORT)
        .option('--name <name>', say('见证方名称；默认由密钥得出', 'name of the witness; default: from its key'))
        .option('--key', say('只打印见证方的公钥', 'print the witness’s own key and end')),
    run: async ({ terminal }, _args, options) => {
      const { openWitnessSigner, WITNESS_KEY_FILE } = await import('../../audit/proofs/key-file');
      const directory = resolve(options.dir);
      const signer = openWitnessSigner(join(directory, WITNESS_KEY_FILE), options.name);
      if (options.key === true) {
        terminal.data(
          () => signer.verifierKey,
          () => ({ key: signer.verifierKey }),
        );
        return EXIT.done;
      }
      const { parseLogKey } = await import('../../audit/proofs/verifier');
      const { startWitness } = await import('../../audit/witnessing/witness-server');
      const logs = asUsage(() => options.log.map(parseLogKey));
      if (logs.length === 0) throw noLog();
      const witness = await startWitness({
        signer,
        logs,
        directory,
        host: options.host,
        port: portOf(options.port),
        onAnswer: (origin, size, { status, body }) => tell(terminal, origin, size, status, body),
        onDefect: (error) => terminal.failure(error),
      });
      terminal.message(
        `见证服务 ${witness.url}，公钥 ${signer.verifierKey}\n账本一方设置：YICHI_CHECKPOINT_TO='${witness.url}#${signer.verifierKey}'　停止：Ctrl+C`,
        `Witness at ${witness.url}, key ${signer.verifierKey}\nOn the ledger's side: YICHI_CHECKPOINT_TO='${witness.url}#${signer.verifierKey}'   Stop: Ctrl+C`,
      );
      if (terminal.json) {
        terminal.line(JSON.stringify({ witness: { url: witness.url, key: signer.verifierKey } }));
      }
      await untilToldToStop();
      await witness.stop();
      return EXIT.done;
    },
  });

const tell = (terminal: Terminal, origin: string, size: number | null, status: number, body: string): void => {
  const at = new Date().toISOString();
  if (size !== null) {
    terminal.message(`${at} 已签名：${origin}，${size} 条`, `${at} cosigned: ${origin}, ${size} events`);
    return;
  }
  const why = body.trim();
  terminal.message(`${at} 未签名（${status}）：${origin} ${why}`, `${at} not cosigned (${status}): ${origin} ${why}`);
};

const portOf = (text: string): number => {
  if (PORT.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: `--port ${text} 无效：端口是 0 到 65535 的整数。`,
      messageEn: `--port ${text} is not valid: a port is a whole number from 0 to 65535.`,
      remedy: '例如 --port 3100。',
      remedyEn: 'For example --port 3100.',
    }),
  );
};

const noLog = (): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: '没有指明要见证的账本。',
      messageEn: 'No log to witness was named.',
      remedy: '用 --log 给出账本的公钥；账本一方用 yichi checkpoint --key 打印。',
      remedyEn: 'Give the log’s key with --log; yichi checkpoint --key prints it on the ledger’s side.',
    }),
  );
