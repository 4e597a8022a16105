import type { CommanderError, Help, HelpConfiguration, Option } from 'commander';

import { DomainError } from '../platform/domain-error';
import type { Language } from '../platform/settings';
import { UsageError } from './exit-code';
import { displayWidth, wrapText } from './help-width';

/** What the parser found wrong, said in Chinese; it names what it speaks of in single quotes, in a fixed order. */
const SENTENCES: Readonly<Record<string, (first: string, second: string) => string>> = {
  'commander.unknownOption': (option) => `没有选项 ${option}`,
  'commander.unknownCommand': (command) => `没有命令 ${command}`,
  'commander.missingArgument': (argument) => `缺少参数 ${argument}`,
  'commander.missingMandatoryOptionValue': (option) => `缺少必需的选项 ${option}`,
  'commander.optionMissingArgument': (option) => `选项 ${option} 后面缺少值`,
  'commander.invalidArgument': (option, value) => `选项 ${option} 的值“${value}”无效`,
  'commander.excessArguments': (command) => `命令 ${command} 的参数过多`,
};

const QUOTED = /'([^']*)'/g;
const SUGGESTION = /\(Did you mean (?:one of )?(.+)\?\)/;
const ALLOWED = /is invalid\. (.+)$/m;

const inChinese = ({ code, message }: CommanderError): string => {
  const [first = '', second = ''] = [...message.matchAll(QUOTED)].map(([, quoted = '']) => quoted);
  const sentence = SENTENCES[code]?.(first, second) ?? `用法错误：${message.replace(/^error: /, '')}`;
  const [, suggested] = SUGGESTION.exec(message) ?? [];
  const [, allowed] = ALLOWED.exec(message) ?? [];
  if (suggested !== undefined) return `${sentence}；是不是 ${suggested}？`;
  return allowed === undefined ? `${sentence}。` : `${sentence}，只能是 ${allowed}。`;
};

const inEnglish = ({ message }: CommanderError): string => {
  const detail = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${/[.?)]$/.test(detail) ? '' : '.'}`;
};

/** What the parser found wrong, in the words of our other errors. */
export const usageError = (error: CommanderError): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: inChinese(error),
      messageEn: inEnglish(error),
      remedy: '用 yichi --help 或 yichi <命令> --help 查看用法。',
      remedyEn: 'See yichi --help or yichi <command> --help.',
    }),
  );

/** Options and no command. */
export const noCommand = (): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: '缺少命令。',
      messageEn: 'A command is missing.',
      remedy: '用 yichi --help 查看所有命令。',
      remedyEn: 'See yichi --help for all commands.',
    }),
  );

/** A group of commands was named and none of its commands. */
export const commandMissing = (group: string, commands: readonly string[]): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: `${group} 后面缺少命令：${commands.join('、')}。`,
      messageEn: `${group} wants one of its commands: ${commands.join(', ')}.`,
      remedy: `例如 yichi ${group} ${commands[0] ?? ''}；用 yichi ${group} --help 查看用法。`,
      remedyEn: `For example yichi ${group} ${commands[0] ?? ''}; see yichi ${group} --help.`,
      parameters: { group, commands },
    }),
  );

/** Help was asked for of what is no command. */
export const helpTopicUnknown = (topic: string): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: `没有命令 ${topic}。`,
      messageEn: `Unknown command '${topic}'.`,
      remedy: '用 yichi --help 查看所有命令。',
      remedyEn: 'See yichi --help for all commands.',
    }),
  );

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Commands:': '命令：',
};

const inChineseTerms = (text: string): string => text.replace('[options]', '[选项]').replace('[command]', '[命令]');

/** The value an option has when it is left out; nothing where that is no value at all. */
const defaultOf = ({ defaultValue, required, optional }: Option): string => {
  const value: unknown = defaultValue;
  return (required || optional) && (typeof value === 'string' || typeof value === 'number') ? String(value) : '';
};

/** How help speaks in a language. */
export const helpIn = (language: Language, help: Help): HelpConfiguration => ({
  displayWidth,
  boxWrap: wrapText,
  optionDescription: (option) => {
    const value = defaultOf(option);
    if (value === '') return option.description;
    return language === 'zh' ? `${option.description}（默认 ${value}）` : `${option.description} (default ${value})`;
  },
  ...(language === 'en'
    ? {}
    : {
        styleTitle: (title: string) => TITLES[title] ?? title,
        commandUsage: (command) => inChineseTerms(help.commandUsage(command)),
        subcommandTerm: (command) => inChineseTerms(help.subcommandTerm(command)),
      }),
});
