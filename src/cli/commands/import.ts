import { basename, dirname, join } from 'node:path';

import type { ImportRemark } from '../../importing/import-ledgers';
import type { RowRefusal } from '../../importing/row-refusal';
import type { ImportReport, Ledger } from '../../ledger/ledger';
import { assertNever, DomainError } from '../../platform/domain-error';
import { keepHeapSmall } from '../../platform/keep-heap-small';
import { causeOf } from '../../platform/system-cause';
import { EXIT } from '../exit-code';
import { catchUpShown, commandLineActor, withLedger } from '../open-ledger';
import type { CommandContext, Register } from '../program';
import { Progress } from '../progress';
import type { changedFieldText } from '../register-change-text';
import { type Terminal, visibleLine } from '../terminal';

interface Options {
  readonly dryRun?: boolean;
  readonly insteadOf?: string;
}

/** So many refusals are shown on a terminal; all of them are in the marked copies and in --json. */
const SHOWN_REFUSALS = 30;

/** So many changed fields are shown on a terminal; all of them are in --json. */
const SHOWN_CHANGES = 30;

const reportJson = (report: ImportReport) => ({
  import: {
    id: report.id,
    dryRun: report.dryRun,
    stored: report.stored,
    unchanged: report.unchanged,
    refused: report.refused,
    changed: report.changed,
    ...(report.remarks.length === 0 ? {} : { remarks: report.remarks }),
    position: String(report.position),
  },
});

type ChangedFieldText = typeof changedFieldText;

/** Of what was there and is changed: how many rows, and field by field what they replace. */
const changesText = (
  { stored, changed }: ImportReport,
  terminal: Terminal,
  textOf: ChangedFieldText,
): { readonly kinds: string; readonly kindsEn: string; readonly lines: string } => {
  const rows = new Set(changed.map(({ ledger, key }) => `${ledger}|${key}`)).size;
  if (rows === 0) return { kinds: '', kindsEn: '', lines: '' };
  const shown = changed.slice(0, SHOWN_CHANGES).map((change) => `  ${textOf(change, terminal.language)}`);
  const more = changed.length - shown.length;
  if (more > 0) shown.push(terminal.say(`  …… 另有 ${more} 项，见 --json。`, `  … and ${more} more: see --json.`));
  return {
    kinds: `（新 ${stored - rows} 行，变更 ${rows} 行）`,
    kindsEn: ` (${stored - rows} new, ${rows} changed)`,
    lines: ['', ...shown].join('\n'),
  };
};

/** So many remarks are shown on a terminal; all of them are in --json. */
const SHOWN_REMARKS = 20;

const remarkText = (remark: ImportRemark, terminal: Terminal): string => {
  const { documentNo } = remark;
  switch (remark.kind) {
    case 'reversed':
      return terminal.say(
        `${documentNo}：已在账，冲销于 ${remark.effectiveOn}（${remark.reversalNo}）；确要再记，在“重记”列填 ${remark.reversalNo}。`,
        `${documentNo}: recorded and reversed on ${remark.effectiveOn} (${remark.reversalNo}); to enter it again, put ${remark.reversalNo} into the column rebooks.`,
      );
    case 'repeated': {
      const [first, again] = [visibleLine(remark.first), visibleLine(remark.again)];
      return terminal.say(
        `${documentNo}：${again} 行与 ${first} 行是同一份凭证，只记一次。`,
        `${documentNo}: row ${again} is the same document as row ${first} and counts once.`,
      );
    }
    default:
      return assertNever(remark);
  }
};

/** The report, and why rows are unchanged where that may surprise. */
const reportWithRemarks = (report: ImportReport, terminal: Terminal, textOf: ChangedFieldText): string => {
  const { remarks } = report;
  const shown = remarks.slice(0, SHOWN_REMARKS).map((remark) => remarkText(remark, terminal));
  const more = remarks.length - shown.length;
  return [
    reportText(report, terminal, textOf),
    ...shown,
    ...(more > 0 ? [terminal.say(`……另有 ${more} 条，见 --json。`, `… and ${more} more, see --json.`)] : []),
  ].join('\n');
};

const reportText = (report: ImportReport, terminal: Terminal, textOf: ChangedFieldText): string => {
  const { stored, unchanged, position } = report;
  if (stored + unchanged === 0) {
    return terminal.say(
      '文件里没有可入账的行（模板的示例行不算）：请在表头下填写后再导入。',
      'The files have no rows to store (the template’s example rows do not count): fill in rows below the headers.',
    );
  }
  const { kinds, kindsEn, lines } = changesText(report, terminal, textOf);
  if (report.dryRun) {
    return terminal.say(
      `试运行：可入账 ${stored} 行${kinds}，已在账 ${unchanged} 行，拒绝 0 行；未写入任何内容。${lines}`,
      `Dry run: ${stored} rows would be stored${kindsEn}, ${unchanged} are there already, 0 refused; nothing was written.${lines}`,
    );
  }
  if (stored === 0) {
    return terminal.say(
      `没有新内容：${unchanged} 行均已在账，总账未变（位置 ${position}）。`,
      `Nothing new: all ${unchanged} rows are in the ledger already (position ${position}).`,
    );
  }
  return terminal.say(
    `入账 ${stored} 行${kinds}，已在账 ${unchanged} 行，拒绝 0 行（位置 ${position}）。${lines}`,
    `Stored ${stored} rows${kindsEn}, ${unchanged} were there already, 0 refused (position ${position}).${lines}`,
  );
};

const where = (refusal: RowRefusal): string => {
  const sheet = refusal.sheet === null ? '' : ` [${refusal.sheet}]`;
  const cell = refusal.cell ?? (refusal.row === null ? '' : String(refusal.row));
  const place = `${basename(refusal.file)}${sheet} ${cell}${refusal.column === null ? '' : ` ${refusal.column}`}`;
  return visibleLine(place.trim());
};

const showRefusals = (rows: readonly RowRefusal[], terminal: Terminal): void => {
  for (const refusal of rows.slice(0, SHOWN_REFUSALS)) {
    const written = visibleLine(refusal.value ?? '');
    const value = refusal.value === null ? '' : terminal.say(`「${written}」`, ` “${written}”`);
    const [why, whyEn] = [visibleLine(refusal.message), visibleLine(refusal.messageEn)];
    terminal.message(
      `✗ ${where(refusal)}${value} ${refusal.code}\n    ${why}\n    → ${refusal.remedy}`,
      `✗ ${where(refusal)}${value} ${refusal.code}\n    ${whyEn}\n    → ${refusal.remedyEn}`,
    );
  }
  if (rows.length > SHOWN_REFUSALS) {
    const more = rows.length - SHOWN_REFUSALS;
    terminal.message(
      `…… 另有 ${more} 处，见标注后的副本或 --json。`,
      `… and ${more} more: see the marked copies or --json.`,
    );
  }
};

/** Beside each refused file, a copy of it with the errors marked in its cells; of one that cannot be read there is none. */
const writeMarkedCopies = async (rows: readonly RowRefusal[], terminal: Terminal): Promise<void> => {
  const { writeMarkedCopy } = await import('../../importing/marked-copy');
  for (const file of new Set(rows.filter(({ row }) => row !== null).map((row) => row.file))) {
    const target = join(dirname(file), `${basename(file).replace(/\.[^.]*$/, '')}.错误.xlsx`);
    try {
      const written = await writeMarkedCopy(
        file,
        rows.filter((row) => row.file === file),
        target,
      );
      terminal.message(`已写出标注错误的副本：${written}`, `Wrote a copy with the errors marked: ${written}`);
    } catch (error) {
      const { zh, en } = error instanceof DomainError ? { zh: error.message, en: error.messageEn } : causeOf(error);
      terminal.message(`未能写出副本 ${target}：${zh}`, `Could not write the copy ${target}: ${en}`);
    }
  }
};

/** What is stored is stored: that the balances could not be brought up to it does not make the import a failed one. */
const bringBalancesUp = async (ledger: Ledger, terminal: Terminal): Promise<void> => {
  try {
    await catchUpShown(ledger, terminal);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    terminal.message(
      `已全部入账，但余额表尚未更新：${error.message}\n办法：${error.remedy}`,
      `All is stored, but the balances are not brought up to it: ${error.messageEn}\nRemedy: ${error.remedyEn}`,
    );
  }
};

const runImport = async (context: CommandContext, files: readonly string[], options: Options): Promise<number> => {
  keepHeapSmall();
  const { terminal } = context;
  const stages = {
    reading: new Progress(terminal, '读取', 'Reading'),
    judging: new Progress(terminal, '校验', 'Checking'),
    storing: new Progress(terminal, '入账', 'Storing'),
  };
  try {
    await withLedger(context, async (ledger) => {
      const report = await ledger.importFiles(files, {
        actor: await commandLineActor(),
        dryRun: options.dryRun === true,
        ...(options.insteadOf === undefined ? {} : { insteadOf: options.insteadOf }),
        progress: (stage, done, total) => stages[stage].update(done, total),
      });
      for (const stage of Object.values(stages)) stage.stop();
      const { changedFieldText } = await import('../register-change-text');
      terminal.data(
        () => reportWithRemarks(report, terminal, changedFieldText),
        () => reportJson(report),
      );
      if (!report.dryRun && report.stored > 0) await bringBalancesUp(ledger, terminal);
    });
    return EXIT.done;
  } catch (error) {
    for (const stage of Object.values(stages)) stage.stop();
    if (!(error instanceof DomainError) || error.code !== 'IMPORT_REFUSED') throw error;
    const rows = error.parameters['rows'] as readonly RowRefusal[];
    if (!terminal.json) showRefusals(rows, terminal);
    await writeMarkedCopies(rows, terminal);
    terminal.failure(error);
    return EXIT.inputRefused;
  }
};

export const registerImport: Register = (line) =>
  void line.add<Options>({
    name: 'import',
    zh: '导入台账（.xlsx、.csv）：整批入账或整批不入',
    en: 'import ledgers (.xlsx, .csv): all or nothing',
    example: 'yichi import 指标台账.xlsx 支付.csv --dry-run',
    configure: (command, say) =>
      command
        .argument('<files...>', say('台账文件；按表头识别，与文件名无关', 'ledger files; recognised by their headers'))
        .option('--dry-run', say('只校验，不入账', 'check everything, store nothing'))
        .option(
          '--instead-of <importId>',
          say(
            '代替一次未完成的导入（文件已改正；编号见 doctor）',
            'take the place of an unfinished import (see doctor)',
          ),
        ),
    run: runImport,
  });
