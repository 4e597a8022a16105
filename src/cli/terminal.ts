import { DomainError } from '../platform/domain-error';
import type { Language } from '../platform/settings';
import { UsageError } from './exit-code';

/** Letters that a terminal obeys, that turn a line round or that nobody sees. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const numberOf = (letter: string): string => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;

/**
 * Text for people in which such letters are told by their numbers: names and messages may come from anybody. Line feeds and
 * tabs are our own layout.
 */
export const visibleText = (text: string): string =>
  text.replace(UNSEEN, (letter) => (letter === '\n' || letter === '\t' ? letter : numberOf(letter)));

/** A text of somebody else's within a line of ours: a line feed in it would make a line that looks like ours. */
export const visibleLine = (text: string): string => text.replace(UNSEEN, numberOf);

/** A sentence that may have several lines, of which only the first stands where ours do. */
const indented = (text: string): string => text.replaceAll('\n', '\n    ');

/** Where a command writes: data on stdout, progress and messages on stderr. */
export class Terminal {
  readonly language: Language;
  readonly json: boolean;

  constructor(language: Language, json: boolean) {
    this.language = language;
    this.json = json;
  }

  /** A text in the language that was asked for. */
  say(zh: string, en: string): string {
    return this.language === 'zh' ? zh : en;
  }

  /** Data for people or, with --json, for programs. */
  data(forPeople: () => string, forPrograms: () => unknown): void {
    this.line(this.json ? JSON.stringify(forPrograms()) : forPeople());
  }

  line(text: string): void {
    process.stdout.write(`${this.json ? text : visibleText(text)}\n`);
  }

  message(zh: string, en: string): void {
    process.stderr.write(`${visibleText(this.say(zh, en))}\n`);
  }

  failure(error: unknown): void {
    const refusal = error instanceof UsageError ? error.refusal : error;
    if (!(refusal instanceof DomainError)) {
      this.#defect(refusal);
      return;
    }
    const { rows, ...parameters } = refusal.parameters;
    if (this.json) {
      const { code, message, messageEn, remedy, remedyEn } = refusal;
      this.line(
        JSON.stringify({
          error: { code, message, messageEn, remedy, remedyEn, ...(rows === undefined ? { parameters } : { rows }) },
        }),
      );
      return;
    }
    const { code, message, messageEn, remedy, remedyEn } = refusal;
    this.message(
      `错误 ${code}：${indented(message)}\n办法：${indented(remedy)}`,
      `Error ${code}: ${indented(messageEn)}\nRemedy: ${indented(remedyEn)}`,
    );
  }

  #defect(error: unknown): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (this.json) {
      this.line(
        JSON.stringify({
          error: {
            code: 'DEFECT',
            message: '程序内部错误。',
            messageEn: 'A defect of the program.',
            remedy: '请将标准错误输出中的内容报告给维护者。',
            remedyEn: 'Report what stands on standard error to the maintainers.',
          },
        }),
      );
    }
    this.message(
      `程序内部错误，请报告给维护者：\n${detail}`,
      `A defect; please report it to the maintainers:\n${detail}`,
    );
  }
}
