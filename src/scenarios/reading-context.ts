import { DomainError, type Refusal } from '../platform/domain-error';
import { requireBusinessDate } from '../platform/business-date';
import { isCode } from '../importing/cells/code-cell';
import { normaliseDivisionCode } from '../importing/cells/division-cell';
import { type AmountUnit, isAmountUnit, parseAmountText } from '../money/amount-text';
import { type Fen, ZERO_FEN } from '../money/fen';
import type { KeyPath, ScenarioDocument } from './scenario-document';
import type { ScenarioProblem } from './scenario-problem';
import type { ScenarioSource } from './scenario';

const UNIT_AT_END = /^(.*?)(亿元|万元|元)$/u;
const ZERO_TEXT = /^0(?:\.0+)?$/;

/** Reads the values of one file and collects what is wrong with them, so that one run names every mistake. */
export class ReadingContext {
  readonly document: ScenarioDocument;
  readonly problems: ScenarioProblem[] = [];
  readonly #unit: AmountUnit;

  constructor(document: ScenarioDocument) {
    this.document = document;
    this.#unit = isAmountUnit(document.raw.unit) ? document.raw.unit : '元';
  }

  source(path: KeyPath): ScenarioSource {
    return { file: this.document.file, line: this.document.lineOf(path) };
  }

  refuse(path: KeyPath, { code, message, messageEn, remedy, remedyEn }: Refusal): void {
    this.problems.push(this.document.problem(path, { code, message, messageEn, remedy, remedyEn }));
  }

  /** A positive amount. */
  amount(text: string, path: KeyPath): Fen {
    const [, digits = text, unit = this.#unit] = UNIT_AT_END.exec(text.trim()) ?? [];
    const reading = parseAmountText(digits, isAmountUnit(unit) ? unit : this.#unit);
    if (reading.ok) return reading.amount;
    this.refuse(path, reading.refusal);
    return ZERO_FEN;
  }

  /** An amount that may be zero, as balances are. */
  balance(text: string, path: KeyPath): Fen {
    const [, digits = text] = UNIT_AT_END.exec(text.trim()) ?? [];
    return ZERO_TEXT.test(digits.trim()) ? ZERO_FEN : this.amount(text, path);
  }

  date(text: string, path: KeyPath): string {
    try {
      return requireBusinessDate(text, String(path.at(-1) ?? ''));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.refuse(path, error.toRefusal());
      return text;
    }
  }

  optionalDate(text: string | undefined, path: KeyPath): string | null {
    return text === undefined ? null : this.date(text, path);
  }

  /** A division's code in the length of its level. */
  division(text: string, path: KeyPath): string {
    const code = normaliseDivisionCode(text);
    if (code !== null) return code;
    this.refuse(path, {
      code: 'DIVISION_INVALID',
      message: `“${text}”不是区划编码。`,
      messageEn: `"${text}" is not a division code.`,
      remedy: '写 2、4、6、9 或 12 位数字的编码，前两位是省份，例如 630222。',
      remedyEn: 'Write a code of 2, 4, 6, 9 or 12 digits that begins with a province, such as 630222.',
    });
    return text;
  }

  /** A code or document number. */
  code(text: string, path: KeyPath): string {
    const code = text.normalize('NFC').trim();
    if (isCode(code)) return code;
    this.refuse(path, {
      code: 'CODE_INVALID',
      message: `“${text}”不能作编码或文号。`,
      messageEn: `"${text}" cannot be a code or document number.`,
      remedy: '用 1–64 个字母、数字、汉字或 -_.〔〕（）()，不含空格、/、: 和 |。',
      remedyEn: 'Use 1–64 letters, digits, Chinese characters or -_.〔〕（）(), without spaces, /, : and |.',
    });
    return code;
  }

  optionalCode(text: string | undefined, path: KeyPath): string | null {
    return text === undefined ? null : this.code(text, path);
  }

  missing(path: KeyPath, key: string, what: string, whatEn: string): void {
    this.refuse(path, {
      code: 'SCENARIO_KEY_MISSING',
      message: `缺少 ${key}。`,
      messageEn: `${key} is missing.`,
      remedy: `补上 ${key}：${what}。`,
      remedyEn: `Add ${key}: ${whatEn}.`,
    });
  }
}
