import { applyDecorators, type Type } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type as TypeOf } from 'class-transformer';
import { IsOptional, ValidateBy, ValidateNested, type ValidationOptions } from 'class-validator';

import { CellProblem, quoted } from '../importing/cells/cell-problem';
import { readCode } from '../importing/cells/code-cell';
import { readDate, readYear } from '../importing/cells/date-cell';
import { readPeriod } from '../importing/cells/period-cell';
import { readDivision, readPlace } from '../importing/cells/division-cell';
import { readName, readText } from '../importing/cells/text-cell';
import { parseAmountText } from '../money/amount-text';
import { isBusinessDate } from '../platform/business-date';
import { type Refusal, refusal } from '../platform/domain-error';
import { isUuid } from '../event-log/event-id';

/**
 * Fields of requests. Each is one decorator: how its value is read into the one form that the ledger keeps, why it is
 * refused, and how the documentation shows it. The grammars are those of the office ledgers.
 */

/** Reads a value into its canonical form, in which it reads as itself; or says why it cannot be understood. */
type Read = (value: unknown) => unknown;

/** Why a value of a field is refused; null when it is understood. */
type RefusalOf = (value: unknown) => Refusal | null;

/** The fields of each class of requests. */
const FIELDS = new WeakMap<object, Map<string, RefusalOf>>();

/** The judge of a field that a class or one that it extends declares. */
export const refusalOfField = (declaring: object | null, name: string): RefusalOf | undefined => {
  for (let each = declaring; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const refusalOf = FIELDS.get(each)?.get(name);
    if (refusalOf !== undefined) return refusalOf;
  }
  return undefined;
};

/** Remembers how a field is judged, because the validator tells that a field is wrong and not why. */
const remembered =
  (refusalOf: RefusalOf): PropertyDecorator =>
  (prototype, name) => {
    const fields = FIELDS.get(prototype.constructor) ?? new Map<string, RefusalOf>();
    FIELDS.set(prototype.constructor, fields.set(String(name), refusalOf));
  };

/** What is shown of a field. */
interface Shown {
  readonly zh: string;
  readonly en: string;
  readonly schema: ApiPropertyOptions;
}

/** May be left out or null. */
interface Presence {
  readonly optional?: boolean;
}

/** A document of one office has a few hundred lines at most; more than this belongs in an import. */
const MAX_LINES = 2000;

/** Places of a project, purposes of a channel: a county has some hundred villages. */
const MAX_CODES = 1000;

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

const field = (read: Read, { zh, en, schema }: Shown, { optional = false }: Presence): PropertyDecorator => {
  const refusalOf: RefusalOf = (value) => {
    if (isAbsent(value)) return optional ? null : required();
    const reading = read(value);
    return reading instanceof CellProblem ? reading.refusal : null;
  };
  return applyDecorators(
    ApiProperty({
      description: `${zh} · ${en}`,
      required: !optional,
      ...(optional ? { nullable: true } : {}),
      ...schema,
    } as ApiPropertyOptions),
    Transform(({ value }: { value: unknown }) => {
      if (isAbsent(value)) return value;
      const reading = read(value);
      return reading instanceof CellProblem ? value : reading;
    }),
    ValidateBy({ name: 'field', validator: { validate: (value: unknown) => refusalOf(value) === null } }),
    remembered(refusalOf),
  );
};

/** A reader of texts; anything else in JSON than a text is refused, because 1.10 would have become 1.1. */
const text =
  (read: (text: string) => unknown): Read =>
  (value) => {
    if (typeof value !== 'string') return notText(value);
    if (value.trim() === '') return new CellProblem(required());
    return read(value);
  };

const list =
  (read: Read): Read =>
  (value) => {
    if (!Array.isArray(value) || value.length > MAX_CODES) return notList(MAX_CODES);
    const readings: unknown[] = [];
    for (const each of value as unknown[]) {
      const reading = isAbsent(each) ? new CellProblem(required()) : read(each);
      if (reading instanceof CellProblem) return reading;
      if (readings.includes(reading)) return namedTwice(String(reading));
      readings.push(reading);
    }
    return readings;
  };

/*
 * Patterns as JSON Schema has them: whatever fits is taken. They say the form in which a value is kept; more is read, such
 * as blanks around it.
 */
const CODE = {
  type: String,
  minLength: 1,
  maxLength: 64,
  pattern: '^(?!.*[０-９Ａ-Ｚａ-ｚ])[\\p{L}0-9\\-_.〔〕（）()]+$',
} as const;
/** The first and the last character show, so that there is nothing to trim. */
const LINE_OF_TEXT = '^(?=\\S)[^\\p{Cc}\\p{Cs}\\u202a-\\u202e\\u2066-\\u2069\\ufffd]*(?<=\\S)$';
const LINES_OF_TEXT = '^(?=\\S)(?:[\\t\\n\\r]|[^\\p{Cc}\\p{Cs}\\u202a-\\u202e\\u2066-\\u2069\\ufffd])*(?<=\\S)$';
const YEARS = '(?:1949|19[5-9]\\d|20\\d{2})';
const MONTHS = `${YEARS}-(?:0[1-9]|1[0-2])`;
/** Provinces 11 to 82, then city, county, township, village; none of them empty but the county of a city without. */
const PROVINCE = '[1-8][1-9]';
const CITY = '(?!00)\\d{2}';
const TOWNSHIP = '(?!000)\\d{3}';
const VILLAGE = '(?!000)\\d{3}';
const DIVISION = `^${PROVINCE}(?:0{4}|0{10}|${CITY}(?:|00|0{8}|\\d{2}${TOWNSHIP}(?:|000|${VILLAGE})|(?!00)\\d{2}(?:|0{6})))?$`;
const PLACE = `^${PROVINCE}${CITY}(?:\\d{2}${TOWNSHIP}(?:|000|${VILLAGE})|(?!00)\\d{2}(?:|0{6}))$`;

/** A code or document number. */
export const CodeField = (zh: string, en: string, example: string, presence: Presence = {}) =>
  field(text(readCode), { zh, en, schema: { ...CODE, example } }, presence);

const LIST = { maxItems: MAX_CODES, uniqueItems: true } as const;

export const CodesField = (zh: string, en: string, example: readonly string[], presence: Presence = {}) =>
  field(list(text(readCode)), { zh, en, schema: { ...CODE, isArray: true, ...LIST, example: [...example] } }, presence);

/** A division of any level, its code padded with zeros or not. */
export const DivisionField = (zh = '区划编码', en = 'division code', example = '630222', presence: Presence = {}) =>
  field(text(readDivision), { zh, en, schema: { type: String, pattern: DIVISION, example } }, presence);

/** A village, township or county. */
export const PlaceField = (
  zh = '建设地点（村、乡镇或县）',
  en = 'place: village, township or county',
  presence: Presence = {},
) => field(text(readPlace), { zh, en, schema: { type: String, pattern: PLACE, example: '630222103200' } }, presence);

export const PlacesField = (zh: string, en: string) =>
  field(
    (value) =>
      Array.isArray(value) && value.length === 0 ? new CellProblem(required()) : list(text(readPlace))(value),
    {
      zh,
      en,
      schema: {
        type: String,
        pattern: PLACE,
        isArray: true,
        ...LIST,
        minItems: 1,
        example: ['630222103200', '630222103201'],
      },
    },
    {},
  );

export const NameField = (zh: string, en: string, example: string, presence: Presence = {}) =>
  field(
    text(readName),
    { zh, en, schema: { type: String, minLength: 1, maxLength: 200, pattern: LINE_OF_TEXT, example } },
    presence,
  );

export const TextField = (zh: string, en: string, example: string, presence: Presence = {}) =>
  field(
    text(readText),
    { zh, en, schema: { type: String, minLength: 1, maxLength: 2000, pattern: LINES_OF_TEXT, example } },
    presence,
  );

export const DateField = (zh = '业务日期', en = 'business date', example = '2024-03-20', presence: Presence = {}) =>
  field(
    // In JSON a date has one spelling; the years that are taken are those of the office ledgers.
    text((value) => (isBusinessDate(value) ? readDate(value) : notDate(value))),
    { zh, en, schema: { type: String, format: 'date', pattern: `^${YEARS}-`, example } },
    presence,
  );

export const MonthField = (zh: string, en: string) =>
  field(
    text((value) => {
      const reading = /^\d{4}-\d{2}$/.test(value) ? readDate(`${value}-01`) : notMonth(value);
      return reading instanceof CellProblem ? notMonth(value) : value;
    }),
    { zh, en, schema: { type: String, pattern: `^${MONTHS}$`, example: '2024-03' } },
    {},
  );

/** A month or a year. */
export const PeriodField = (zh: string, en: string) =>
  field(
    text(readPeriod),
    { zh, en, schema: { type: String, pattern: `^(?:${YEARS}|${MONTHS})$`, example: '2024-03' } },
    {},
  );

export const YearField = (zh = '年度', en = 'fiscal year', example = 2024) =>
  field(
    (value) => (typeof value === 'number' ? readYear(String(value)) : notYear(value)),
    { zh, en, schema: { type: 'integer', minimum: 1949, maximum: 2099, example } },
    {},
  );

const AMOUNT = /^(?:0|[1-9]\d*)\.\d{2}$/;
/** More than nothing, and at most a trillion yuan. */
const AMOUNTS_TAKEN = '^(?!0\\.00$)(?:(?:0|[1-9]\\d{0,11})\\.\\d{2}|10{12}\\.00)$';

/** A positive amount of 元 as a text with exactly two decimals. */
export const AmountField = (zh = '金额（元，两位小数）', en = 'amount of yuan with two decimals') =>
  field(
    (value) => {
      if (typeof value !== 'string') return amountNotText(value);
      const reading = parseAmountText(value, '元');
      if (!reading.ok) return new CellProblem(reading.refusal);
      return AMOUNT.test(value) ? value : amountForm(value);
    },
    { zh, en, schema: { type: String, pattern: AMOUNTS_TAKEN, example: '1000000.00' } },
    {},
  );

export const ChoiceField = (zh: string, en: string, choices: readonly string[], presence: Presence = {}) =>
  field(
    (value) => (typeof value === 'string' && choices.includes(value) ? value : notChoice(value, choices)),
    { zh, en, schema: { type: String, enum: [...choices], example: choices[0] } },
    presence,
  );

export const YesNoField = (zh: string, en: string, presence: Presence = {}) =>
  field(
    (value) => (typeof value === 'boolean' ? value : notBoolean(value)),
    { zh, en, schema: { type: Boolean, example: true } },
    presence,
  );

export const EventIdField = (zh: string, en: string) =>
  field(
    text((value) => (isUuid(value) ? value.toLowerCase() : notUuid(value))),
    { zh, en, schema: { type: String, format: 'uuid' } },
    {},
  );

/** Looks into what is there; null is nothing to look into. */
const nested = ({ optional = false }: Presence, options: ValidationOptions = {}): PropertyDecorator =>
  optional ? applyDecorators(IsOptional(), ValidateNested(options)) : ValidateNested(options);

/** The documentation takes a function for one that gives the class only when its name is `type`. */
const schemaOf = (of: () => Type): { readonly type: () => Type } => ({ type: () => of() });

/** The lines of a document; each is looked at with the rules of its own class. */
export const LinesField = (line: () => Type, zh: string, en: string, presence: Presence = {}) => {
  const minItems = presence.optional === true ? 0 : 1;
  return applyDecorators(
    field(
      (value) => {
        const items: unknown = value;
        if (!Array.isArray(items) || items.length < minItems || items.length > MAX_LINES) {
          return notLines(minItems, MAX_LINES);
        }
        return items.every(isPlainItem) ? items : lineNotObject();
      },
      { zh, en, schema: { ...schemaOf(line), isArray: true, minItems, maxItems: MAX_LINES } },
      presence,
    ),
    nested(presence, { each: true }),
    TypeOf(line),
  );
};

/** One object inside another. */
export const ObjectField = (of: () => Type, zh: string, en: string, presence: Presence = {}) =>
  applyDecorators(
    field((value) => (isPlainItem(value) ? value : lineNotObject()), { zh, en, schema: schemaOf(of) }, presence),
    nested(presence),
    TypeOf(of),
  );

const isPlainItem = (item: unknown): boolean => typeof item === 'object' && item !== null && !Array.isArray(item);

/** What a caller may ask a list for: a text that is given once and not empty. */
export const QueryField = (zh: string, en: string, example: string, presence: Presence = { optional: true }) =>
  field(
    (value) => {
      if (typeof value !== 'string') return givenTwice();
      const read = value.normalize('NFC').trim();
      return read === '' ? new CellProblem(required()) : read;
    },
    { zh, en, schema: { type: String, pattern: '\\S', example } },
    presence,
  );

const refused = (...said: Parameters<typeof refusal>): CellProblem => new CellProblem(refusal(...said));

const shown = (value: unknown): string => quoted(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

const required = (): Refusal => ({
  code: 'FIELD_REQUIRED',
  message: '该项必填，且不能为空。',
  messageEn: 'This field is required and must not be empty.',
  remedy: '填写该项；可选项没有内容时不写或写 null。',
  remedyEn: 'Fill it in; an optional field without content is left out or null.',
});

const notText = (value: unknown): CellProblem =>
  refused(
    'FIELD_NOT_TEXT',
    `${shown(value)} 不是文本。`,
    `${shown(value)} is not a text.`,
    '写成加引号的文本。',
    'Write it as a text in quotation marks.',
    { value },
  );

const notList = (most: number): CellProblem =>
  refused(
    'FIELD_NOT_LIST',
    `该项应为不超过 ${most} 个文本的数组。`,
    `This is an array of at most ${most} texts.`,
    '写作 ["…", "…"]。',
    'Write it as ["…", "…"].',
  );

const namedTwice = (value: string): CellProblem =>
  refused(
    'NAMED_TWICE',
    `“${shown(value)}”写了两次。`,
    `"${shown(value)}" is named twice.`,
    '删去重复的一个。',
    'Delete one of them.',
    { value },
  );

const notDate = (value: string): CellProblem =>
  refused(
    'DATE_INVALID',
    `“${shown(value)}”不是日期。`,
    `"${shown(value)}" is not a date.`,
    '写作 YYYY-MM-DD，例如 2024-06-30。',
    'Write YYYY-MM-DD, such as 2024-06-30.',
    { value },
  );

const notMonth = (value: string): CellProblem =>
  refused(
    'MONTH_INVALID',
    `“${shown(value)}”不是月份。`,
    `"${shown(value)}" is not a month.`,
    '写作 YYYY-MM，例如 2024-06。',
    'Write YYYY-MM, such as 2024-06.',
    { value },
  );

const notYear = (value: unknown): CellProblem =>
  refused(
    'YEAR_INVALID',
    `${shown(value)} 不是年度。`,
    `${shown(value)} is not a fiscal year.`,
    '写四位整数，不加引号，例如 2024。',
    'Write a whole number of four digits without quotation marks, such as 2024.',
    { value },
  );

const AMOUNT_REMEDY = {
  remedy: '写成加引号、两位小数的元，例如 "1234.50"。',
  remedyEn: 'Write yuan with two decimals in quotation marks, such as "1234.50".',
} as const;

const amountNotText = (value: unknown): CellProblem =>
  refused(
    'AMOUNT_NOT_TEXT',
    `金额 ${shown(value)} 不是文本；JSON 的数字会丢失精度。`,
    `The amount ${shown(value)} is not a text; numbers in JSON lose digits.`,
    AMOUNT_REMEDY.remedy,
    AMOUNT_REMEDY.remedyEn,
    { value },
  );

const amountForm = (value: string): CellProblem =>
  refused(
    'AMOUNT_FORM',
    `金额“${shown(value)}”的写法不是两位小数的元。`,
    `The amount "${shown(value)}" is not written as yuan with two decimals.`,
    AMOUNT_REMEDY.remedy,
    AMOUNT_REMEDY.remedyEn,
    { value },
  );

const notChoice = (value: unknown, choices: readonly string[]): CellProblem =>
  refused(
    'CHOICE_UNKNOWN',
    `${shown(value)} 不在可选值之内：${choices.join('、')}。`,
    `${shown(value)} is none of: ${choices.join(', ')}.`,
    `改为其中之一：${choices.join('、')}。`,
    `Change it to one of: ${choices.join(', ')}.`,
    { value, allowed: choices },
  );

const notBoolean = (value: unknown): CellProblem =>
  refused(
    'FIELD_NOT_BOOLEAN',
    `${shown(value)} 不是 true 或 false。`,
    `${shown(value)} is neither true nor false.`,
    '写 true 或 false，不加引号。',
    'Write true or false without quotation marks.',
    { value },
  );

const notUuid = (value: string): CellProblem =>
  refused(
    'EVENT_ID_INVALID',
    `“${shown(value)}”不是事件编号。`,
    `"${shown(value)}" is not an event id.`,
    '写答复中 eventIds 给出的编号。',
    'Write an id that an answer gave in eventIds.',
    { value },
  );

const notLines = (least: number, most: number): CellProblem =>
  refused(
    'LINES_INVALID',
    `该项应为 ${least}–${most} 行的数组。`,
    `This is an array of ${least} to ${most} lines.`,
    '至少写一行；行数过多时分成几份，或改用 yichi import。',
    'Write at least one line; split very long documents or use yichi import.',
  );

const lineNotObject = (): CellProblem =>
  refused(
    'LINE_NOT_OBJECT',
    '每一行应为一个对象 {…}。',
    'Every line is an object {…}.',
    '按接口说明填写各项。',
    'Fill in the fields as documented.',
  );

const givenTwice = (): CellProblem =>
  refused(
    'QUERY_GIVEN_TWICE',
    '同一查询参数只能给一次。',
    'A query parameter may be given once only.',
    '删去重复的参数。',
    'Remove the repetition.',
  );
