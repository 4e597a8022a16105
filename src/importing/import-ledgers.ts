import { hash, randomUUID } from 'node:crypto';

import { canonicalJson } from '../event-log/canonical-json';
import { commandIdFrom } from '../event-log/event-id';
import type { Actor } from '../event-log/event';
import type { CommandRequest, Executed, LedgerDesk } from '../ledger/ledger-desk';
import type { PoolCommands } from '../ledger/pool-decisions';
import type { Registering } from '../ledger/register-desk';
import { assertNever, DomainError } from '../platform/domain-error';
import { rowTwice } from '../pool/document-lines';
import type { FieldChange } from '../registry/field-change';
import {
  documentInTwoPlaces,
  documentsOf,
  type MoneyRow,
  type MoneyRows,
  numberOf,
  placeOf,
  saySame,
} from './import-documents';
import type { ImportIdentity } from './import-journal';
import {
  isRegistryRow,
  registerCodeOf,
  type LedgerKind,
  type LedgerRow,
  REGISTRY_KINDS,
  type RegistryRow,
  type RowOf,
} from './ledger-row';
import { SaidBefore } from './said-before';
import { isRowRefusal, type RowRefusal } from './row-refusal';
import { pointAtCell } from './point-at-cell';

/** One field of a register's entry that a row of the import replaces. */
export interface ChangedField extends FieldChange {
  readonly ledger: LedgerKind;
  /** Code of the entry. */
  readonly key: string;
}

/** What an import did, counted in rows. */
export interface ImportCounts {
  /** New rows, and those that change an entry. */
  readonly stored: number;
  readonly unchanged: number;
  readonly changed: readonly ChangedField[];
}

/** Why rows are unchanged that a reader may have expected to be stored. */
export type ImportRemark =
  | {
      /** The document was reversed; only 重记 enters the same again. */
      readonly kind: 'reversed';
      readonly ledger: LedgerKind;
      readonly documentNo: string;
      readonly reversalNo: string;
      readonly effectiveOn: string;
    }
  | {
      /** The document lies in a second place with the same rows. */
      readonly kind: 'repeated';
      readonly ledger: LedgerKind;
      readonly documentNo: string;
      readonly first: string;
      readonly again: string;
    };

export interface JudgedImport extends ImportCounts {
  readonly refusals: readonly RowRefusal[];
  readonly remarks: readonly ImportRemark[];
}

export type ImportProgress = (stage: 'reading' | 'judging' | 'storing', done: number, total: number | null) => void;

const disagreement = (field: string, value: string, zh: string, en: string): DomainError =>
  new DomainError('input', {
    code: 'DOCUMENT_INCONSISTENT',
    message: `同一凭证各行的${zh}不一致。`,
    messageEn: `The rows of one document disagree in ${en}.`,
    remedy: '核对同一文号的各行；不是同一份凭证的，用不同的文号。',
    remedyEn: 'Check the rows that share the number; another document needs another number.',
    parameters: { field, value },
  });

/** All rows of a document must say the same in a field that a command has once. */
const agreed = <Row, Value>(rows: readonly [Row, ...Row[]], field: keyof Row & string, zh: string): Value => {
  const value = rows[0][field];
  for (const row of rows) if (row[field] !== value) throw disagreement(field, String(row[field]), zh, field);
  return value as Value;
};

type Rows<Kind extends LedgerKind> = readonly [RowOf<Kind>, ...RowOf<Kind>[]];

/** What the rows of a document say of it as a whole. */
const entryOf = (rows: MoneyRows) => {
  const [first] = rows;
  const effectiveOn: string = agreed(rows, 'effectiveOn', '日期');
  const rebooks: string | null = agreed(rows, 'rebooks', '重记');
  return {
    division: first.ledger === 'transfers' ? first.fromDivision : first.division,
    fiscalYear: first.fiscalYear,
    effectiveOn,
    ...(rebooks === null ? {} : { rebooks }),
  };
};

/** Hands one document to the desk as its command. */
const submit = <Answer extends Executed>(
  desk: LedgerDesk<Answer>,
  rows: MoneyRows,
  request: CommandRequest,
): Promise<Answer> => {
  const [first] = rows;
  switch (first.ledger) {
    case 'appropriations': {
      const lines = rows as Rows<'appropriations'>;
      return desk.pool(
        'AppropriateFunds',
        { ...entryOf(rows), documentNo: first.documentNo, lines: lines.map(appropriation) },
        request,
      );
    }
    case 'integrations': {
      const lines = rows as Rows<'integrations'>;
      return desk.pool(
        'IntegrateFunds',
        {
          ...entryOf(rows),
          integrationNo: first.integrationNo,
          integrationRegime: agreed(lines, 'regime', '整合方式'),
          lines: lines.map(named),
        },
        request,
      );
    }
    case 'transfers': {
      const lines = rows as Rows<'transfers'>;
      return desk.pool(
        'TransferFunds',
        {
          ...entryOf(rows),
          transferNo: first.transferNo,
          lines: lines.map((row) => ({ ...named(row), toDivision: row.toDivision, integrated: row.integrated })),
        },
        request,
      );
    }
    case 'cash-receipts':
      return desk.pool(
        'RecordCash',
        { ...entryOf(rows), receiptNo: first.receiptNo, lines: (rows as Rows<'cash-receipts'>).map(named) },
        request,
      );
    case 'allocations':
      return desk.pool(
        'AllocateFunds',
        {
          ...entryOf(rows),
          allocationNo: first.allocationNo,
          lineSelection: 'fifo',
          lines: (rows as Rows<'allocations'>).map(placed),
        },
        request,
      );
    case 'reallocations':
      return desk.pool(
        'ReallocateFunds',
        {
          ...entryOf(rows),
          reallocationNo: first.reallocationNo,
          lines: (rows as Rows<'reallocations'>).map((row) => ({
            ...named(row),
            fromProject: row.fromProject,
            fromPlace: row.fromPlace,
            to:
              row.toProject === null || row.toPlace === null
                ? null
                : { projectCode: row.toProject, place: row.toPlace },
          })),
        },
        request,
      );
    case 'payments':
      return payment(desk, rows as Rows<'payments'>, request);
    case 'recalls': {
      const lines = rows as Rows<'recalls'>;
      return desk.pool(
        'RecallFunds',
        {
          ...entryOf(rows),
          recallNo: first.recallNo,
          recalledTo: agreed(lines, 'recalledTo', '收回至'),
          lines: lines.map((row) => ({
            ...named(row),
            from:
              row.projectCode === null || row.place === null
                ? null
                : { projectCode: row.projectCode, place: row.place },
          })),
        },
        request,
      );
    }
    case 'carry-overs': {
      const toFiscalYear: number = agreed(rows as Rows<'carry-overs'>, 'toFiscalYear', '转入年度');
      const carryOver = { ...entryOf(rows), carryOverNo: first.carryOverNo, toFiscalYear };
      // A carry-over is one row: it moves everything that is left.
      if (rows.length > 1) throw rowTwice(0, 1);
      return desk.pool('CarryOverFunds', carryOver, request);
    }
    default:
      return assertNever(first);
  }
};

const payment = <Answer extends Executed>(
  desk: LedgerDesk<Answer>,
  rows: Rows<'payments'>,
  request: CommandRequest,
): Promise<Answer> => {
  const [first] = rows;
  const status = agreed<RowOf<'payments'>, RowOf<'payments'>['status']>(rows, 'status', '状态');
  const common = {
    ...entryOf(rows),
    voucherNo: first.voucherNo,
    payee: agreed<RowOf<'payments'>, string>(rows, 'payee', '收款人'),
    lines: rows.map(placed),
  };
  if (status === '退回') {
    const originalVoucherNo = agreed<RowOf<'payments'>, string | null>(rows, 'originalVoucherNo', '原凭证号');
    return desk.pool('ReturnPayment', { ...common, originalVoucherNo: originalVoucherNo ?? '' }, request);
  }
  const command: PoolCommands['RecordPayment'] = {
    ...common,
    lineSelection: 'fifo',
    requestedBy: agreed(rows, 'requestedBy', '申请人'),
    approvedBy: agreed(rows, 'approvedBy', '批准人'),
  };
  return desk.pool('RecordPayment', command, request);
};

const appropriation = (row: RowOf<'appropriations'>): PoolCommands['AppropriateFunds']['lines'][number] => ({
  parentDocumentNo: row.parentDocumentNo,
  ...funds(row),
});

const funds = ({ channelCode, purposeCode, amount, lineNo }: RowOf<LineLedger>) => ({
  channelCode,
  purposeCode,
  amount,
  ...(lineNo === null ? {} : { lineNo }),
});

/** Ledgers whose rows are lines of documents. */
type LineLedger = Exclude<MoneyRow['ledger'], 'carry-overs'>;

const named = (row: RowOf<'integrations' | 'transfers' | 'cash-receipts' | 'reallocations' | 'recalls'>) => ({
  documentNo: row.documentNo,
  ...funds(row),
});

const placed = (row: RowOf<'allocations' | 'payments'>) => ({
  projectCode: row.projectCode,
  place: row.place,
  documentNo: row.documentNo,
  ...funds(row),
});

const REPEATED: Executed = { eventIds: [], unchanged: true };

/** How many documents are judged between two reports of progress. */
const PROGRESS_STEP = 500;

/** Who imports, and how the import is known. */
export interface ImportedBy {
  readonly actor: Actor;
  /** Told the number of rows; `content` gives the same for the same rows, in whatever order they stand. */
  readonly identify: (content: () => string, rows: number) => Promise<ImportIdentity>;
}

/** Hash of what rows say, apart from where they stand and in which order. */
const contentOf = (rows: readonly LedgerRow[]): string => {
  const digests = rows.map(({ source: _source, row: _row, ...said }) => hash('sha256', canonicalJson(said), 'hex'));
  return hash('sha256', digests.sort().join(), 'hex');
};

/**
 * Command ids of an import. Where it can be cut off and run again, they derive from what each command is about and says,
 * so that the same asks for the same again, also from among corrected files.
 */
const commandIds = ({
  importId,
  canBeCutOff,
}: ImportIdentity): ((about: string, rows: readonly LedgerRow[]) => string) => {
  const asked = new Map<string, number>();
  return (about, rows) => {
    const name = canBeCutOff ? `${about}|${contentOf(rows)}` : about;
    const time = (asked.get(name) ?? 0) + 1;
    asked.set(name, time);
    return commandIdFrom(`${importId}|${name}|${time}`);
  };
};

/**
 * Judges rows as one unit and in the promised order: registries, projects, then money by business date. Goes on after
 * a refusal, so that one run names every mistake. Nothing is stored here: the desk works on a unit of work.
 */
export const judgeLedgers = async <Answer extends Executed>(
  desk: LedgerDesk<Answer>,
  items: AsyncIterable<LedgerRow | RowRefusal>,
  by: ImportedBy,
  progress: ImportProgress,
): Promise<JudgedImport> => {
  const refusals: RowRefusal[] = [];
  const remarks: ImportRemark[] = [];
  const registryRows: RegistryRow[] = [];
  const moneyRows: MoneyRow[] = [];
  let read = 0;
  for await (const item of items) {
    read += 1;
    if (read % PROGRESS_STEP === 0) progress('reading', read, null);
    if (isRowRefusal(item)) refusals.push(item);
    else if (isRegistryRow(item)) registryRows.push(item);
    else moneyRows.push(item);
  }

  let stored = 0;
  let unchanged = 0;
  const changed: ChangedField[] = [];
  const saidBefore = new SaidBefore();
  const rows = [...registryRows, ...moneyRows];
  const identity = await by.identify(() => contentOf(rows), rows.length);
  const { importId, today } = identity;
  const commandIdOf = commandIds(identity);
  const request = (about: string, of: readonly LedgerRow[]): CommandRequest => ({
    commandId: commandIdOf(about, of),
    correlationId: importId,
    causationId: null,
    actor: by.actor,
  });
  const judge = async (rows: readonly [LedgerRow, ...LedgerRow[]], run: () => Promise<Executed>): Promise<void> => {
    try {
      const { unchanged: nothingNew } = await run();
      if (nothingNew) unchanged += rows.length;
      else stored += rows.length;
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      refusals.push(pointAtCell(rows, error, refusals.length > 0));
    }
  };

  const coming = new Set(registryRows.map(codeOf));
  registryRows.sort((left, right) => REGISTRY_KINDS.indexOf(left.ledger) - REGISTRY_KINDS.indexOf(right.ledger));
  const documents = documentsOf(moneyRows);
  const total = registryRows.length + documents.length;
  let done = 0;
  const step = (): void => {
    done += 1;
    if (done % PROGRESS_STEP === 0 || done === total) progress('judging', done, total);
  };

  for (const row of registryRows) {
    await judge([row], () => {
      saidBefore.requireAgreement(row);
      return register(desk, row, today, request(codeOf(row), [row]), {
        refuseStale: true,
        onChanged: (fields) => changed.push(...fields.map((field) => changedBy(row, field))),
        alsoComing: (code) => coming.has(`${row.ledger}|${code}`),
      });
    });
    step();
  }
  for (const { key, rows: ofDocument, elsewhere } of documents) {
    const [{ ledger }, documentNo] = [ofDocument[0], numberOf(ofDocument[0])];
    await judge(ofDocument, async () => {
      const answer = await submit(desk, ofDocument, request(key, ofDocument));
      if (answer.reversal !== undefined) remarks.push({ kind: 'reversed', ledger, documentNo, ...answer.reversal });
      return answer;
    });
    for (const again of elsewhere) {
      await judge(again, () => {
        if (!saySame(ofDocument, again)) return Promise.reject(documentInTwoPlaces(ofDocument, again));
        remarks.push({ kind: 'repeated', ledger, documentNo, first: placeOf(ofDocument[0]), again: placeOf(again[0]) });
        return Promise.resolve(REPEATED);
      });
    }
    step();
  }
  return { stored, unchanged, changed, refusals, remarks };
};

const codeOf = (row: RegistryRow): string => `${row.ledger}|${registerCodeOf(row)}`;

const changedBy = (row: RegistryRow, { field, from, to }: FieldChange): ChangedField => ({
  ledger: row.ledger,
  key: registerCodeOf(row),
  field,
  from,
  to,
});

const register = <Answer extends Executed>(
  desk: LedgerDesk<Answer>,
  row: RegistryRow,
  today: string,
  request: CommandRequest,
  options: Registering,
): Promise<Answer> => {
  switch (row.ledger) {
    case 'divisions': {
      const { divisionCode, name, validFrom, validTo } = row;
      return desk.registerDivision({ divisionCode, name, validFrom, validTo }, validFrom ?? today, request, options);
    }
    case 'departments': {
      const { departmentCode, name, validFrom, validTo, mergedInto } = row;
      return desk.registerDepartment(
        { departmentCode, name, validFrom, validTo, mergedInto },
        validFrom ?? today,
        request,
        options,
      );
    }
    case 'purposes': {
      const { purposeCode, name, parentPurpose } = row;
      return desk.registerPurpose({ purposeCode, name, parentPurpose }, today, request, options);
    }
    case 'channels': {
      const { channelCode, name, departmentCode, level, kind, allowedPurposes, cashRequired } = row;
      return desk.registerChannel(
        { channelCode, name, departmentCode, level, kind, allowedPurposes: allowedPurposes ?? [], cashRequired },
        today,
        request,
        options,
      );
    }
    case 'projects': {
      const { projectCode, projectName, division, purposeCode, places, category, nature, implementer, content } = row;
      const { enteredOn, startedOn, completedOn, acceptedOn } = row;
      return desk.registerProject(
        { projectCode, projectName, division, purposeCode, places, category, nature, implementer, content },
        { enteredOn, startedOn, completedOn, acceptedOn },
        enteredOn,
        request,
        options,
      );
    }
    default:
      return assertNever(row);
  }
};

/** A new id for one import: it is the correlation id of everything the import stores. */
export const newImportId = (): string => randomUUID();
