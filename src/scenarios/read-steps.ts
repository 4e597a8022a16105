import type { Adjustment, NamedLine, PlacedLine, PoolEntry, PoolMatter } from '../pool/pool-command';
import type { IntegrationRegime } from '../pool/pool-event';
import { ZERO_FEN } from '../money/fen';
import type { RawDefaults, RawLine, RawStep } from './raw-scenario';
import type { ReadingContext } from './reading-context';
import type { KeyPath } from './scenario-document';
import type { ExpectedRejection, PoolCall, ScenarioProject, ScenarioStep, StepWork } from './scenario';

const REGIMES: Readonly<Record<string, IntegrationRegime>> = {
  用途渠道不变: 'BUNDLING_UNCHANGED',
  试点: 'PILOT_INTEGRATION',
  长效机制: 'LONG_TERM_MECHANISM',
};

/** What the steps of a file may refer to beside their own keys. */
export interface StepSurroundings {
  readonly scenario: string;
  readonly defaults: RawDefaults;
  /** Short name → `document/channel/purpose`. */
  readonly lines: ReadonlyMap<string, string>;
  readonly projects: ReadonlyMap<string, ScenarioProject>;
  /** Payee of each voucher of earlier steps. */
  readonly payees: Map<string, string>;
}

/** Reads the steps of one file into commands. */
export class StepReader {
  readonly #context: ReadingContext;
  readonly #around: StepSurroundings;

  constructor(context: ReadingContext, around: StepSurroundings) {
    this.#context = context;
    this.#around = around;
  }

  read(raw: RawStep, index: number): ScenarioStep {
    const path = ['steps', index];
    const pending = raw.pending ?? null;
    this.#context.date(raw.on, [...path, 'on']);
    return {
      id: raw.id,
      on: raw.on,
      do: raw.do,
      work: this.#work(raw, path),
      expectRejected: expectedRejection(raw),
      pending,
      source: this.#context.source(path),
      key: `${this.#around.scenario}/${raw.id}`,
    };
  }

  #work(raw: RawStep, path: KeyPath): StepWork {
    if (raw.do === 'later') return { kind: 'later', what: raw.what ?? '' };
    if (raw.do === 'reverse') {
      return {
        kind: 'reversal',
        step: raw.step ?? '',
        to: raw.to === undefined ? null : this.#context.division(raw.to, [...path, 'to']),
        reversalNo: this.#number(raw, path),
        reason: raw.reason ?? raw.id,
        adjustment: this.#adjustment(raw, path),
      };
    }
    return { kind: 'commands', calls: this.#calls(raw, path) };
  }

  #calls(raw: RawStep, path: KeyPath): readonly PoolCall[] {
    const entry = this.#entry(raw, path);
    const number = (): string => this.#number(raw, path);
    switch (raw.do) {
      case 'appropriate': {
        const documentNo = number();
        const lines = this.#items(raw, path).map(([item, at]) => {
          const { documentNo: named, ...funds } = this.#line(item, at);
          if (named !== null && named !== documentNo) this.#otherDocument(at, named, documentNo);
          const parentDocumentNo = this.#context.optionalCode(item.parent, [...at, 'parent']);
          return { ...funds, parentDocumentNo };
        });
        return [{ name: 'AppropriateFunds', command: { ...entry, documentNo, lines } }];
      }
      case 'recordCash':
        return [{ name: 'RecordCash', command: { ...entry, receiptNo: number(), lines: this.#named(raw, path) } }];
      case 'integrate': {
        const integrationRegime = REGIMES[raw.regime ?? '用途渠道不变'] ?? 'BUNDLING_UNCHANGED';
        const command = { ...entry, integrationNo: number(), integrationRegime, lines: this.#named(raw, path) };
        return [{ name: 'IntegrateFunds', command }];
      }
      case 'transfer': {
        const lines = this.#items(raw, path).map(([item, at]) => {
          if (item.to === undefined) this.#context.missing(at, 'to', '接收区划', 'the taking division');
          return {
            ...this.#namedLine(item, at),
            toDivision: item.to === undefined ? '' : this.#context.division(item.to, [...at, 'to']),
            integrated: item.integrated !== 'false',
          };
        });
        return [{ name: 'TransferFunds', command: { ...entry, transferNo: number(), lines } }];
      }
      case 'allocate': {
        const command = { ...entry, allocationNo: number(), ...this.#placedLines(raw, path) };
        return [{ name: 'AllocateFunds', command }];
      }
      case 'reallocate': {
        const lines = this.#items(raw, path).map(([item, at]) => ({
          ...this.#namedLine(item, at),
          ...this.#from(item, at),
          to:
            item.toProject === undefined
              ? null
              : this.#place(item.toProject, item.toPlace, at, ['toProject', 'toPlace']),
        }));
        return [{ name: 'ReallocateFunds', command: { ...entry, reallocationNo: number(), lines } }];
      }
      case 'repurpose': {
        const lines = this.#items(raw, path).map(([item, at]) => {
          if (item.toPurpose === undefined) this.#context.missing(at, 'toPurpose', '新用途', 'the other purpose');
          return {
            ...this.#namedLine(item, at),
            toPurposeCode: this.#context.code(item.toPurpose ?? '-', [...at, 'toPurpose']),
          };
        });
        return [{ name: 'RepurposeFunds', command: { ...entry, approvalNo: number(), lines } }];
      }
      case 'requestPayment':
        return [this.#request(entry, raw, path)];
      case 'approvePayment': {
        const approvedBy = this.#person(raw, 'approvedBy', path);
        return [{ name: 'ApprovePayment', command: { ...entry, voucherNo: this.#voucher(raw, path), approvedBy } }];
      }
      case 'executePayment':
        return [{ name: 'ExecutePayment', command: { ...entry, voucherNo: this.#voucher(raw, path) } }];
      case 'pay': {
        const request = this.#request(entry, raw, path);
        const voucherNo = number();
        const approvedBy = this.#person(raw, 'approvedBy', path);
        return [
          request,
          { name: 'ApprovePayment', command: { ...entry, voucherNo, approvedBy } },
          { name: 'ExecutePayment', command: { ...entry, voucherNo } },
        ];
      }
      case 'recordPayment': {
        const payment = { voucherNo: number(), ...this.#placedLines(raw, path), payee: this.#payee(raw, path) };
        const requestedBy = raw.requestedBy ?? null;
        const approvedBy = raw.approvedBy ?? null;
        return [{ name: 'RecordPayment', command: { ...entry, ...payment, requestedBy, approvedBy } }];
      }
      case 'cancelPayment': {
        const reason = raw.reason ?? raw.id;
        return [{ name: 'CancelPayment', command: { ...entry, voucherNo: this.#voucher(raw, path), reason } }];
      }
      case 'returnPayment': {
        const originalVoucherNo = this.#voucher(raw, path);
        const payee = raw.payee ?? this.#around.payees.get(originalVoucherNo);
        if (payee === undefined) this.#context.missing(path, 'payee', '退回的收款人', 'who sent it back');
        const whole = raw.lines === undefined && raw.amount === undefined;
        const lines = whole ? [] : this.#items(raw, path).map(([item, at]) => this.#placedLine(item, at));
        const command = { ...entry, voucherNo: number(), originalVoucherNo, payee: payee ?? '', lines };
        return [{ name: 'ReturnPayment', command }];
      }
      case 'recall': {
        const lines = this.#items(raw, path).map(([item, at]) => ({
          ...this.#namedLine(item, at),
          from: item.project === undefined ? null : this.#place(item.project, item.place, at, ['project', 'place']),
        }));
        return [
          {
            name: 'RecallFunds',
            command: { ...entry, recallNo: number(), recalledTo: raw.recalledTo ?? null, lines },
          },
        ];
      }
      case 'carryOver': {
        const toFiscalYear = Number(raw.toYear);
        return [{ name: 'CarryOverFunds', command: { ...entry, carryOverNo: number(), toFiscalYear } }];
      }
      case 'closeMonth':
        return [{ name: 'CloseMonth', command: { ...entry, closingNo: number(), month: raw.month ?? '' } }];
      case 'closeYear':
        return [{ name: 'CloseYear', command: { ...entry, closingNo: number() } }];
      case 'reopen':
        return this.#reopening(entry, raw, path);
      default:
        throw new Error(`the schema knows a step that the reader does not: ${raw.do}`);
    }
  }

  #request(entry: PoolEntry, raw: RawStep, path: KeyPath): PoolCall<'RequestPayment'> {
    return {
      name: 'RequestPayment',
      command: {
        ...entry,
        voucherNo: this.#number(raw, path),
        ...this.#placedLines(raw, path),
        payee: this.#payee(raw, path),
        requestedBy: this.#person(raw, 'requestedBy', path),
        repaysVoucherNo: this.#context.optionalCode(raw.repays, [...path, 'repays']),
      },
    };
  }

  /** The two steps of a reopening on one day. */
  #reopening(matter: PoolMatter, raw: RawStep, path: KeyPath): readonly PoolCall[] {
    const what = { ...matter, approvalNo: this.#number(raw, path), period: raw.period ?? '' };
    const requestedBy = this.#person(raw, 'requestedBy', path);
    const approvedBy = this.#person(raw, 'approvedBy', path);
    return [
      { name: 'RequestReopening', command: { ...what, requestedBy, reason: raw.reason ?? raw.id } },
      { name: 'ApproveReopening', command: { ...what, approvedBy } },
    ];
  }

  #adjustment({ adjustment }: RawStep, path: KeyPath): Adjustment | null {
    if (adjustment === undefined) return null;
    const { approval, approvedBy, reason } = adjustment;
    return { approvalNo: this.#context.code(approval, [...path, 'adjustment', 'approval']), approvedBy, reason };
  }

  #entry(raw: RawStep, path: KeyPath): PoolEntry {
    const { defaults } = this.#around;
    const division = raw.division ?? defaults.division;
    const year = raw.year ?? defaults.year;
    const adjustment = this.#adjustment(raw, path);
    const rebooks = this.#context.optionalCode(raw.rebooks, [...path, 'rebooks']);
    if (division === undefined) this.#context.missing(path, 'division', '哪个区划的池', 'whose pool it is');
    if (year === undefined) this.#context.missing(path, 'year', '池的年度', "the pool's fiscal year");
    return {
      division: division === undefined ? '' : this.#context.division(division, [...path, 'division']),
      // The schema lets only four digits pass.
      fiscalYear: Number(year),
      effectiveOn: raw.on,
      ...(adjustment === null ? {} : { adjustment }),
      ...(rebooks === null ? {} : { rebooks }),
    };
  }

  #number(raw: RawStep, path: KeyPath): string {
    return this.#context.code(raw.number ?? raw.id, [...path, 'number']);
  }

  #voucher(raw: RawStep, path: KeyPath): string {
    return this.#context.code(raw.voucher ?? '', [...path, 'voucher']);
  }

  #person(raw: RawStep, key: 'requestedBy' | 'approvedBy', path: KeyPath): string {
    const person = raw[key] ?? this.#around.defaults[key];
    if (person !== undefined) return person;
    this.#context.missing(path, key, '谁办理（或写在 defaults 里）', 'who does it (or say so in `defaults`)');
    return '';
  }

  #payee(raw: RawStep, path: KeyPath): string {
    const project = raw.project ?? raw.lines?.[0]?.project;
    const payee = raw.payee ?? this.#around.projects.get(project ?? '')?.particulars.implementer ?? null;
    if (payee === null) this.#context.missing(path, 'payee', '收款人', 'who is paid');
    else this.#around.payees.set(this.#number(raw, path), payee);
    return payee ?? '';
  }

  /** A step's lines, each completed by what the step says for all; without lines the step is its own single line. */
  #items(raw: RawStep, path: KeyPath): readonly (readonly [RawLine, KeyPath])[] {
    if (raw.lines === undefined) return [[raw, path]];
    return raw.lines.map((line, index) => [{ ...raw, ...line }, [...path, 'lines', index]]);
  }

  #line(item: RawLine, path: KeyPath): Omit<NamedLine, 'documentNo'> & { readonly documentNo: string | null } {
    if (item.line === undefined) this.#context.missing(path, 'line', '哪条指标', 'which quota line');
    if (item.amount === undefined) this.#context.missing(path, 'amount', '金额', 'an amount');
    const written = item.line ?? '-/-';
    const parts = (this.#around.lines.get(written.normalize('NFC')) ?? written).split('/');
    if (parts.length < 2) {
      this.#context.refuse([...path, 'line'], {
        code: 'SCENARIO_LINE_UNKNOWN',
        message: `lines 里没有简称 ${written}。`,
        messageEn: `\`lines\` has no short name ${written}.`,
        remedy: '在 lines 里登记它，或写作 渠道/用途 或 文号/渠道/用途。',
        remedyEn: 'Add it to `lines`, or write channel/purpose or document/channel/purpose.',
      });
    }
    const [purposeCode = '', channelCode = '', documentNo] = parts
      .map((part) => this.#context.code(part, [...path, 'line']))
      .reverse();
    return {
      documentNo: documentNo ?? null,
      channelCode,
      purposeCode,
      amount: item.amount === undefined ? ZERO_FEN : this.#context.amount(item.amount, [...path, 'amount']),
      ...(item.lineNo === undefined ? {} : { lineNo: this.#context.code(item.lineNo, [...path, 'lineNo']) }),
    };
  }

  #namedLine(item: RawLine, path: KeyPath): NamedLine {
    const line = this.#line(item, path);
    if (line.documentNo === null) {
      this.#context.refuse([...path, 'line'], {
        code: 'SCENARIO_DOCUMENT_MISSING',
        message: `此处的指标要写文号：${item.line ?? ''}。`,
        messageEn: `The quota line needs its document here: ${item.line ?? ''}.`,
        remedy: '写作 文号/渠道/用途，或用 lines 里的简称。',
        remedyEn: 'Write document/channel/purpose, or a short name from `lines`.',
      });
    }
    return { ...line, documentNo: line.documentNo ?? '' };
  }

  #named(raw: RawStep, path: KeyPath): readonly NamedLine[] {
    return this.#items(raw, path).map(([item, at]) => this.#namedLine(item, at));
  }

  #placedLines(raw: RawStep, path: KeyPath): Pick<PlacedLines, 'lineSelection' | 'lines'> {
    return {
      lineSelection: raw.selection === 'proportional' ? 'proportional' : 'fifo',
      lines: this.#items(raw, path).map(([item, at]) => this.#placedLine(item, at)),
    };
  }

  #placedLine(item: RawLine, path: KeyPath): PlacedLine {
    return { ...this.#line(item, path), ...this.#place(item.project, item.place, path, ['project', 'place']) };
  }

  #from(item: RawLine, path: KeyPath): { readonly fromProject: string; readonly fromPlace: string } {
    const { projectCode, place } = this.#place(item.fromProject, item.fromPlace, path, ['fromProject', 'fromPlace']);
    return { fromProject: projectCode, fromPlace: place };
  }

  /** A project and its place; the place may be left out when the project has only one. */
  #place(
    project: string | undefined,
    place: string | undefined,
    path: KeyPath,
    [projectKey, placeKey]: readonly [string, string],
  ): { readonly projectCode: string; readonly place: string } {
    if (project === undefined) {
      this.#context.missing(path, projectKey, '项目编号', "a project's code");
      return { projectCode: '', place: '' };
    }
    const projectCode = this.#context.code(project, [...path, projectKey]);
    if (place !== undefined) return { projectCode, place: this.#context.division(place, [...path, placeKey]) };
    const [only, ...others] = this.#around.projects.get(projectCode)?.particulars.places ?? [];
    if (only === undefined || others.length > 0) {
      this.#context.missing(path, placeKey, '建设地点（项目不止一个地点）', 'the place: the project has not just one');
    }
    return { projectCode, place: only ?? '' };
  }

  #otherDocument(path: KeyPath, named: string, documentNo: string): void {
    this.#context.refuse([...path, 'line'], {
      code: 'SCENARIO_OTHER_DOCUMENT',
      message: `指标的文号 ${named} 与本步骤的 number ${documentNo} 不同。`,
      messageEn: `The line's document ${named} is not this step's number ${documentNo}.`,
      remedy: '下达的指标以本步骤的文号为文号，使两者一致。',
      remedyEn: 'What a step appropriates has its number as document; make them agree.',
    });
  }
}

interface PlacedLines {
  readonly lineSelection: 'fifo' | 'proportional';
  readonly lines: readonly PlacedLine[];
}

const expectedRejection = ({ expectRejected }: RawStep): ExpectedRejection | null => {
  if (expectRejected === undefined) return null;
  if (typeof expectRejected === 'string') return { code: expectRejected, parameters: {} };
  const parameters = Object.entries(expectRejected.parameters ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : value.join(';'),
  ]);
  return { code: expectRejected.code, parameters: Object.fromEntries(parameters) as Record<string, string> };
};
