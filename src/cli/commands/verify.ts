import type { LedgerVerification } from '../../audit/checkpoints/verify-ledger';
import type { LiveFinding } from '../../audit/replay/live-finding';
import type { Ledger } from '../../ledger/ledger';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import { Progress, withProgress } from '../progress';
import type { CommandContext, Register } from '../program';
import type { Terminal } from '../terminal';

interface Options {
  readonly checkpoint: readonly string[];
  readonly key: readonly string[];
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export const registerVerify: Register = (line) =>
  void line.add<Options>({
    name: 'verify',
    zh: '核验：事件、哈希树、检查点、版本与位置、经办与依据、资金守恒、余额表；通过为 0，不通过为 5',
    en: 'verify events, tree, checkpoints, order, actors, conservation and balances; ends with 0 or 5',
    example: "yichi verify --checkpoint 2024年终.checkpoint --key 'yichi.local/log/…+…+…'",
    configure: (command, say) =>
      command
        .option(
          '--checkpoint <file>',
          say('在别处保存的检查点（文件或目录），可多次', 'a checkpoint that was kept elsewhere (file or directory)'),
          collect,
          [],
        )
        .option(
          '--key <vkey>',
          say('信任的公钥（账本或见证方），可多次；默认用数据目录中的', 'trusted keys, of log and witnesses'),
          collect,
          [],
        ),
    run: async (context, _args, options) => {
      const verification = await withLedger(context, (ledger) => verify(ledger, context, options));
      const { terminal } = context;
      terminal.data(
        () => report(verification, terminal),
        () => ({ verify: verificationJson(verification) }),
      );
      return verification.ok ? EXIT.done : EXIT.verificationFailed;
    },
  });

const verify = async (
  ledger: Ledger,
  context: CommandContext,
  { checkpoint, key }: Options,
): Promise<LedgerVerification> => {
  const { parseVerifierKey, SIGNATURE_TYPE } = await import('../../audit/proofs/verifier');
  const { readGivenCheckpoints } = await import('../../audit/checkpoints/given-checkpoints');
  const { verifyLedger } = await import('../../audit/checkpoints/verify-ledger');
  const keys = asUsage(() => key.map(parseVerifierKey));
  const given = readGivenCheckpoints(checkpoint);
  if (!keys.some(({ type }) => type !== SIGNATURE_TYPE.cosignatureV1)) {
    const own = await ledger.checkpoints.existingVerifierKey();
    if (own !== null) keys.push(parseVerifierKey(own));
  }
  const progress = new Progress(context.terminal, '核验事件', 'Verifying events');
  try {
    return await verifyLedger(ledger.log, {
      checkpoints: [...(await ledger.checkpoints.files()), ...given],
      keys,
      compareTables: () => {
        progress.stop();
        return compareTables(ledger, context);
      },
      onProgress: (done, total) => progress.update(done, total),
    });
  } finally {
    progress.stop();
  }
};

/** What the tables have not taken yet is no fault of theirs, so they are brought up to the log first. */
const compareTables = async (ledger: Ledger, context: CommandContext): Promise<readonly LiveFinding[]> => {
  const { compareWithLive } = await import('../../audit/replay/live-comparison');
  const { log, readModel } = ledger;
  return withProgress(context.terminal, '重放并核对余额表', 'Replaying and comparing the tables', (progress) =>
    compareWithLive({
      log,
      live: readModel,
      catchUp: async () => {
        // Those that contradict the log are compared as they are: bringing them up to it would make them anew.
        if (!(await readModel.contradictsLog())) await catchUp(ledger, context);
      },
      progress,
    }),
  );
};

const findingJson = ({ code, position, message, messageEn }: LedgerVerification['findings'][number]) => ({
  code,
  position: position === null ? null : String(position),
  message,
  messageEn,
});

const verificationJson = ({
  ok,
  events,
  root,
  checkpoints,
  uncovered,
  witnesses,
  findings,
  omitted,
  tables,
}: LedgerVerification) => ({
  ok,
  events,
  root,
  checkpoints,
  uncovered,
  findings: findings.map(findingJson),
  omitted,
  witnesses,
  tables,
});

const report = (verification: LedgerVerification, terminal: Terminal): string => {
  const { ok, events, root, checkpoints, uncovered, witnesses, findings, omitted, tables } = verification;
  const counts = terminal.say(
    `事件 ${events} 条，与 ${checkpoints} 个检查点相符，根哈希 ${root}`,
    `${events} events, ${checkpoints} checkpoints fit, root ${root}`,
  );
  const seen = witnesses.map(({ name, size }) =>
    terminal.say(`见证方 ${name} 签到第 ${size} 条`, `witness ${name} has cosigned up to event ${size}`),
  );
  if (checkpoints === 0) {
    seen.push(
      terminal.say(
        '没有与任何检查点对照：整体改写或截尾在此看不出来，请用 --checkpoint 给出在别处保存的检查点',
        'held against no checkpoint: a log that was rewritten whole or cut at its end cannot be told; give one that was kept elsewhere with --checkpoint',
      ),
    );
  }
  if (checkpoints > 0 && uncovered > 0) {
    seen.push(
      terminal.say(
        `最后 ${uncovered} 条在最新的相符检查点之后，尚无检查点证明：可用 yichi checkpoint --now 出具`,
        `the last ${uncovered} events came after the newest checkpoint that fits, and none proves them yet: make one with yichi checkpoint --now`,
      ),
    );
  }
  if (tables !== null) {
    seen.push(
      tables
        ? terminal.say('余额表与重放一致', 'the tables are what a replay gives')
        : terminal.say('余额表与重放不一致', 'the tables are not what a replay gives'),
    );
  }
  if (ok) return [`${terminal.say('完整：', 'Intact: ')}${counts}`, ...seen].join('\n');
  const [first, ...rest] = findings.map(
    ({ code, position, message, messageEn }) =>
      `${position === null ? '' : terminal.say(`位置 ${position} `, `position ${position} `)}${code}：${terminal.say(message, messageEn)}`,
  );
  return [
    `${terminal.say('不完整：', 'Broken: ')}${first ?? ''}`,
    ...rest.map((each) => `  ${each}`),
    ...(omitted > 0 ? [terminal.say(`  另有 ${omitted} 处同类问题`, `  and ${omitted} more of these kinds`)] : []),
    counts,
    ...seen,
  ].join('\n');
};
