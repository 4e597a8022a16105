import type { Cause } from '../platform/system-cause';
import { workbookCorrupt } from './file-refusals';
import type { RawCell, RawRow } from './raw-sheet';
import type { Attributes, XmlHandlers } from './safe-xml';
import { dayOfSerial, type NumberMeaning, PLAIN } from './xlsx-number-format';

/** What the cells of all sheets refer to. */
export interface CellContext {
  readonly file: string;
  readonly date1904: boolean;
  readonly sharedStrings: readonly string[];
  /** By index of a cell's style. */
  readonly meanings: readonly NumberMeaning[];
}

/** A spreadsheet's own limits. */
const MAX_ROW = 1_048_576;
const MAX_COLUMN = 16_384;

const CELL_ADDRESS = /^([A-Z]{1,3})([1-9]\d{0,6})$/;
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const ISO_DAY = /^(\d{4}-\d{2}-\d{2})(?:T(.*))?$/;
const ISO_MIDNIGHT = /^00:00(?::00(?:\.0+)?)?Z?$/;

/** Follows the XML of one sheet and collects its rows. */
export class SheetParser implements XmlHandlers {
  readonly #part: string;
  readonly #context: CellContext;
  #rows: RawRow[] = [];
  #inData = false;
  #row = 0;
  #cells: (RawCell | undefined)[] = [];
  #column = -1;
  #type = 'n';
  #style = 0;
  #capturing = false;
  #inPhonetic = false;
  #hasFormula = false;
  #hasValue = false;
  #value = '';

  constructor(part: string, context: CellContext) {
    this.#part = part;
    this.#context = context;
  }

  /** The rows completed since it was last asked. */
  takeRows(): readonly RawRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  readonly open = (name: string, attributes: Attributes): void => {
    if (!this.#inData) {
      this.#inData = name === 'sheetData';
      return;
    }
    switch (name) {
      case 'row':
        return this.#openRow(attributes);
      case 'c':
        return this.#openCell(attributes);
      case 'v':
        this.#hasValue = true;
        this.#capturing = true;
        return;
      case 'rPh':
        this.#inPhonetic = true;
        return;
      case 't':
        this.#hasValue = true;
        this.#capturing = !this.#inPhonetic;
        return;
      case 'f':
        this.#hasFormula = true;
        return;
    }
  };

  readonly text = (text: string): void => {
    if (this.#capturing) this.#value += text;
  };

  readonly close = (name: string): void => {
    if (!this.#inData) return;
    switch (name) {
      case 'v':
      case 't':
        this.#capturing = false;
        return;
      case 'rPh':
        this.#inPhonetic = false;
        return;
      case 'c':
        this.#cells[this.#column] = this.#cell();
        return;
      case 'row':
        if (this.#cells.length > 0) this.#rows.push({ row: this.#row, cells: this.#cells });
        return;
      case 'sheetData':
        this.#inData = false;
    }
  };

  #openRow({ r }: Attributes): void {
    const row = r === undefined ? this.#row + 1 : Number(r);
    if (!Number.isInteger(row) || row <= this.#row || row > MAX_ROW) {
      throw this.#corrupt({ zh: `行号 ${r} 次序有误`, en: `row ${r} out of order` });
    }
    this.#row = row;
    this.#cells = [];
    this.#column = -1;
  }

  #openCell({ r, t, s }: Attributes): void {
    const column = r === undefined ? this.#column + 1 : this.#columnOf(r);
    if (column <= this.#column || column >= MAX_COLUMN) {
      throw this.#corrupt({ zh: `单元格 ${r} 次序有误`, en: `cell ${r} out of order` });
    }
    this.#column = column;
    this.#type = t ?? 'n';
    this.#style = s === undefined ? 0 : Number(s);
    this.#hasFormula = false;
    this.#hasValue = false;
    this.#capturing = false;
    this.#value = '';
  }

  #columnOf(address: string): number {
    const [, letters = '', row] = CELL_ADDRESS.exec(address) ?? [];
    if (Number(row) !== this.#row) {
      throw this.#corrupt({
        zh: `单元格 ${address} 写在第 ${this.#row} 行`,
        en: `cell ${address} in row ${this.#row}`,
      });
    }
    let column = 0;
    for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
    return column - 1;
  }

  #cell(): RawCell | undefined {
    if (!this.#hasValue) return this.#hasFormula ? { kind: 'uncalculated', text: '=' } : undefined;
    const value = this.#value;
    switch (this.#type) {
      case 's': {
        const text = /^\d+$/.test(value) ? this.#context.sharedStrings[Number(value)] : undefined;
        if (text === undefined) {
          throw this.#corrupt({
            zh: `第 ${this.#row} 行引用的文字 ${value} 不存在`,
            en: `shared text ${value} is missing`,
          });
        }
        return text === '' ? undefined : text;
      }
      case 'str':
      case 'inlineStr':
        return value === '' ? undefined : unescapeText(value);
      case 'b':
        return value === '1' || value === 'true';
      case 'e':
        return { kind: 'error', text: value };
      case 'd':
        return this.#isoDate(value);
      case 'n':
        return value === '' ? undefined : this.#number(value);
      default:
        throw this.#corrupt({
          zh: `第 ${this.#row} 行有不认识的单元格类型 ${this.#type}`,
          en: `cell type ${this.#type}`,
        });
    }
  }

  #number(text: string): RawCell {
    if (!NUMBER.test(text)) {
      throw this.#corrupt({
        zh: `第 ${this.#row} 行的数字“${text.slice(0, 40)}”有误`,
        en: `number ${text.slice(0, 40)}`,
      });
    }
    const value = Number(text);
    const meaning = this.#context.meanings[this.#style] ?? PLAIN;
    switch (meaning.kind) {
      case 'plain':
        return value;
      case 'padded':
        return { kind: 'padded', value, digits: meaning.digits };
      case 'date':
        return {
          kind: 'date',
          day: dayOfSerial(value, this.#context.date1904),
          hasTime: !Number.isInteger(value),
        };
    }
  }

  #isoDate(text: string): RawCell {
    const [, day, time] = ISO_DAY.exec(text) ?? [];
    if (day === undefined) {
      throw this.#corrupt({
        zh: `第 ${this.#row} 行的日期“${text.slice(0, 40)}”有误`,
        en: `date ${text.slice(0, 40)}`,
      });
    }
    return { kind: 'date', day, hasTime: time !== undefined && !ISO_MIDNIGHT.test(time) };
  }

  #corrupt({ zh, en }: Cause): Error {
    return workbookCorrupt(this.#context.file, { zh: `${this.#part} 中${zh}`, en: `${this.#part}: ${en}` });
  }
}

/** Characters that XML cannot hold stand as `_x000D_` in a workbook. */
export const unescapeText = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
