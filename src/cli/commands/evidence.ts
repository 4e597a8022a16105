import type { Coverage } from '../../audit/evidence/gather-events';
import type { EvidenceVerdict } from '../../audit/evidence/verifier-file';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { CommandLine, Register } from '../program';
import { withProgress } from '../progress';
import { momentOptions, type MomentOptions } from './question-options';

interface ExportOptions extends MomentOptions {
  readonly scope: string;
  readonly output: string;
  readonly whole?: boolean;
}

interface VerifyOptions {
  readonly key: readonly string[];
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export const registerEvidence: Register = (line) => {
  const evidence = line.group(
    'evidence',
    '证据包：导出可离线核验的资金证据，核验证据包',
    'evidence bundles that can be verified offline: export and verify',
  );
  registerExport(line, evidence);
  registerVerify(line, evidence);
  registerVerifier(line, evidence);
};

type Group = ReturnType<CommandLine['group']>;

const registerExport = (line: CommandLine, parent: Group): void =>
  void line.add<ExportOptions>(
    {
      name: 'export',
      zh: '导出证据包：事件原文与证明、检查点、口径文件、余额、追溯、报告和核验程序',
      en: 'export a bundle: events with proofs, checkpoint, projections, balances, trace, report and verifier',
      example: 'yichi evidence export --scope project:M2 --at 2024年终 -o 证据.zip',
      configure: (command, say) =>
        momentOptions(command, say)
          .requiredOption(
            '--scope <scope>',
            say(
              'division:<区划>、project:<项目>、document:<文号> 或 payment:<凭证号>；不会混淆时可省略前缀',
              'division:<code>, project:<code>, document:<no> or payment:<voucher>; the prefix may be left out where nothing else has that name',
            ),
          )
          .requiredOption(
            '-o, --output <file>',
            say('写到哪个文件（不覆盖已有文件）', 'file to write; none is overwritten'),
          )
          .option(
            '--whole',
            say(
              '完整收录相关资金池的事件流，以证明没有遗漏（也就含有其他项目的记录；division 总是如此）',
              'with the whole streams of the pools in question, which proves that nothing was left out and shows what others did; always so for a division',
            ),
          ),
      run: async (context, _args, options) => {
        const { terminal } = context;
        const { readScope } = await import('../../audit/evidence/evidence-scope');
        const { readMoment } = await import('../../balances/moment-request');
        asUsage(() => [readScope(options.scope), readMoment(options)]);
        const { exportEvidence } = await import('../../audit/evidence/evidence-bundle');
        const { writeNewFile } = await import('../../importing/write-new-file');
        const asked: { readonly coverage?: Coverage } = options.whole === true ? { coverage: 'whole' } : {};
        const bundle = await withLedger(context, async (ledger) => {
          await catchUp(ledger, context);
          const request = { scope: options.scope, moment: await ledger.moment(options), ...asked };
          return withProgress(terminal, '读取事件', 'Reading events', (read) =>
            withProgress(terminal, '生成证据包', 'Making the bundle', (made) =>
              exportEvidence(ledger, request, (stage, done, total) => (stage === 'reading' ? read : made)(done, total)),
            ),
          );
        });
        await writeNewFile(options.output, bundle.archive);
        const { createHash } = await import('node:crypto');
        const { archive, scope, coverage, position, asOf, treeSize, checkpoint, events } = bundle;
        const sha256 = createHash('sha256').update(archive).digest('hex');
        terminal.data(
          () =>
            terminal.say(
              `已写出 ${options.output}：${scope.kind}:${scope.id}，位置 ${position}${asOf === null ? '' : `、截至 ${asOf}`}，事件 ${events} 条，检查点 ${checkpoint.size} 条\nSHA-256 ${sha256}`,
              `Wrote ${options.output}: ${scope.kind}:${scope.id} at position ${position}${asOf === null ? '' : ` as of ${asOf}`}, ${events} events under a checkpoint of ${checkpoint.size}\nSHA-256 ${sha256}`,
            ),
          () => ({
            evidence: {
              file: options.output,
              bytes: archive.length,
              sha256,
              scope,
              coverage,
              position: String(position),
              asOf,
              treeSize,
              checkpoint: { size: checkpoint.size, root: checkpoint.root },
              events,
            },
          }),
        );
        return EXIT.done;
      },
    },
    parent,
  );

const registerVerify = (line: CommandLine, parent: Group): void =>
  void line.add<VerifyOptions>(
    {
      name: 'verify',
      zh: '核验证据包（与包内所附的是同一程序，无须总账）；通过为 0，不通过为 5',
      en: 'verify a bundle with the program that bundles carry; needs no ledger; ends with 0 or 5',
      example: "yichi evidence verify 证据.zip --key 'yichi.local/log/…+…+…'",
      configure: (command, say) =>
        command
          .argument('<bundle.zip>', say('证据包', 'the bundle'))
          .option(
            '--key <vkey>',
            say('信任的公钥（账本或见证方），可多次', 'trusted keys, of the ledger and of witnesses'),
            collect,
            [],
          ),
      run: async ({ terminal }, [path = ''], { key }) => {
        const { parseVerifierKey } = await import('../../audit/proofs/verifier');
        asUsage(() => key.forEach((text) => parseVerifierKey(text)));
        const { verifyBundleFile } = await import('../../audit/evidence/verify-bundle');
        const { verdict, text } = await verifyBundleFile(path, key);
        terminal.data(
          () => text,
          () => ({ evidence: verdictJson(verdict) }),
        );
        return verdict.ok ? EXIT.done : EXIT.verificationFailed;
      },
    },
    parent,
  );

const registerVerifier = (line: CommandLine, parent: Group): void =>
  void line.add<{ readonly output: string }>(
    {
      name: 'verifier',
      zh: '写出核验程序（verify.cjs 与 verify.html），可事先交给审计方',
      en: 'write the verifier (verify.cjs and verify.html), to be handed to auditors beforehand',
      example: 'yichi evidence verifier -o 核验程序',
      configure: (command, say) => command.option('-o, --output <dir>', say('写到哪个目录', 'directory'), '.'),
      run: async ({ terminal }, _args, { output }) => {
        const { writeVerifier } = await import('../../audit/evidence/verify-bundle');
        const { writingFailed } = await import('../../importing/write-new-file');
        const written = await writeVerifier(output).catch((error: unknown) => {
          throw writingFailed(output, error);
        });
        terminal.data(
          () => written.map(({ file, sha256 }) => `${sha256}  ${file}`).join('\n'),
          () => ({ verifier: written }),
        );
        return EXIT.done;
      },
    },
    parent,
  );

/** Sentences in the two languages as every other answer has them. */
const verdictJson = ({ proven, notProven, findings, ...rest }: EvidenceVerdict) => {
  const sentence = ({ code, zh, en }: { readonly code: string; readonly zh: string; readonly en: string }) => ({
    code,
    message: zh,
    messageEn: en,
  });
  return {
    ...rest,
    proven: proven.map(sentence),
    notProven: notProven.map(sentence),
    findings: findings.map((finding) => ({ ...sentence(finding), file: finding.file })),
  };
};
