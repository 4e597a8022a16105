import type { CheckpointDesk } from '../../audit/checkpoints/checkpoint-desk';
import type { LedgerVerification, UnopenedLog, VerifyLedgerOptions } from '../../audit/checkpoints/verify-ledger';
import type { ReplayFinding } from '../../audit/replay/live-finding';
import type { Ledger } from '../../ledger/ledger';
import { DomainError } from '../../platform/domain-error';
import { readModelDamaged } from '../../projecting/read-model-failure';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import { Progress, type Update, withProgress } from '../progress';
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
      const verification = await verifyWhatOpens(context, options);
      const { terminal } = context;
      terminal.data(
        () => report(verification, terminal),
        () => ({ verify: verificationJson(verification) }),
      );
      return verification.ok ? EXIT.done : EXIT.verificationFailed;
    },
  });

/** A verification, and why the tables had to be made anew before they could be compared; null: they had not. */
interface Verified extends LedgerVerification {
  readonly rebuilt: 'missing' | 'of-other-version' | null;
}

/** What keeps the log's file from being opened is what a verification is to find. */
const verifyWhatOpens = async (context: CommandContext, options: Options): Promise<Verified> => {
  const { eventLog } = context.settings;
  let isOpen = false;
  try {
    return await withLedger(context, (ledger) => {
      isOpen = true;
      return verify(ledger, context, options);
    });
  } catch (error) {
    if (isOpen || !eventLog.startsWith(SQLITE) || !(error instanceof DomainError)) throw error;
    return verifyUnopened({ file: eventLog.slice(SQLITE.length), why: error }, context, options);
  }
};

const SQLITE = 'sqlite:';

const verify = async (ledger: Ledger, context: CommandContext, options: Options): Promise<Verified> => {
  const { verifyLedger } = await import('../../audit/checkpoints/verify-ledger');
  const trusted = await trustedIn(ledger.checkpoints, options);
  const progress = new Progress(context.terminal, '核验事件', 'Verifying events');
  const before: { rebuilt: Verified['rebuilt'] } = { rebuilt: null };
  try {
    const verification = await verifyLedger(ledger.log, {
      ...trusted,
      compareTables: () => {
        progress.stop();
        return compareTables(ledger, context, (rebuilt) => (before.rebuilt = rebuilt));
      },
      onProgress: (done, total) => progress.update(done, total),
    });
    return { ...verification, ...before };
  } finally {
    progress.stop();
  }
};

const verifyUnopened = async (log: UnopenedLog, context: CommandContext, options: Options): Promise<Verified> => {
  const { CheckpointDesk } = await import('../../audit/checkpoints/checkpoint-desk');
  const { verifyUnopenedLog } = await import('../../audit/checkpoints/verify-ledger');
  const { dataDir: dataDirectory, checkpoints } = context.settings;
  const { origin } = checkpoints;
  const kept = new CheckpointDesk({ dataDirectory, engine: 'sqlite', tree: () => undefined, origin });
  return { ...(await verifyUnopenedLog(log, await trustedIn(kept, options))), rebuilt: null };
};

/** Checkpoints that are kept and given, and the keys that are given, else the log's own. */
const trustedIn = async (
  kept: CheckpointDesk,
  { checkpoint, key }: Options,
): Promise<Pick<VerifyLedgerOptions, 'checkpoints' | 'keys'>> => {
  const { parseVerifierKey, SIGNATURE_TYPE } = await import('../../audit/proofs/verifier');
  const { readGivenCheckpoints } = await import('../../audit/checkpoints/given-checkpoints');
  const keys = asUsage(() => key.map(parseVerifierKey));
  const given = readGivenCheckpoints(checkpoint);
  if (!keys.some(({ type }) => type !== SIGNATURE_TYPE.cosignatureV1)) {
    const own = await kept.existingVerifierKey();
    if (own !== null) keys.push(parseVerifierKey(own));
  }
  return { checkpoints: [...(await kept.files()), ...given], keys };
};

/** What the tables have not taken yet is no fault of theirs, so they are brought up to the log first. */
const compareTables = async (
  ledger: Ledger,
  context: CommandContext,
  onRebuild: (why: Verified['rebuilt']) => void,
): Promise<readonly ReplayFinding[]> => {
  const { compareWithLive } = await import('../../audit/replay/live-comparison');
  const { readFileFindings } = await import('../../audit/checkpoints/read-file-findings');
  const { log, readModel } = ledger;
  const bringUp = async (): Promise<void> => {
    const state = readModel.state();
    // Tables that cannot be read, or contradict the log, are left as they are: this would make them anew.
    if (state.status === 'damaged') throw readModelDamaged(state.why.message, state.why.message, state.why);
    if (await readModel.contradictsLog()) return;
    if (state.status !== 'usable') onRebuild(state.status);
    await catchUp(ledger, context);
  };
  const compare = (progress: Update): Promise<readonly ReplayFinding[]> =>
    compareWithLive({
      log,
      live: readModel,
      catchUp: bringUp,
      checkFile: () => readFileFindings(readModel.file),
      progress,
    });
  const { terminal } = context;
  return withProgress(terminal, '重放并核对余额表', 'Replaying and comparing the tables', compare);
};

const findingJson = ({ code, position, message, messageEn }: LedgerVerification['findings' | 'notes'][number]) => ({
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
  notes,
  omitted,
  tables,
  rebuilt,
}: Verified) => ({
  ok,
  events,
  root,
  checkpoints,
  uncovered,
  findings: findings.map(findingJson),
  notes: notes.map(findingJson),
  omitted,
  witnesses,
  tables,
  rebuilt,
});

const report = (verification: Verified, terminal: Terminal): string => {
  const { ok, events, root, checkpoints, uncovered, witnesses, findings, notes, omitted, tables, rebuilt } =
    verification;
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
        `${uncovered === 1 ? '1 event' : `${uncovered} events`} after the newest checkpoint that fits, which none proves yet: make one with yichi checkpoint --now`,
      ),
    );
  }
  if (rebuilt !== null) {
    seen.push(
      rebuilt === 'missing'
        ? terminal.say(
            '没有读取库，核验前已由事件建立',
            'there were no read tables: they were made from the events first',
          )
        : terminal.say(
            '读取库由另一版本的投影或程序建立，核验前已由事件重建',
            'the read tables were made by other projections or another version of the program: they were made anew first',
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
  for (const { message, messageEn } of notes) seen.push(terminal.say(`说明：${message}`, `Note: ${messageEn}`));
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
