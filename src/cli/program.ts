import { Command, CommanderError, Help } from 'commander';

import { version } from '../platform/version';
import { type Language, readSettings, type Settings } from '../platform/settings';
import { registerBalances } from './commands/balances';
import { registerCheckpoint } from './commands/checkpoint';
import { registerBookmark } from './commands/bookmark';
import { registerClose } from './commands/close';
import { registerClosings } from './commands/closings';
import { registerDiff } from './commands/diff';
import { registerDoctor } from './commands/doctor';
import { registerEvidence } from './commands/evidence';
import { registerExport } from './commands/export';
import { registerHistory } from './commands/history';
import { registerImport } from './commands/import';
import { registerLog } from './commands/log';
import { registerProof } from './commands/proof';
import { registerProjections } from './commands/projections';
import { registerProvenance } from './commands/provenance';
import { registerRebuild } from './commands/rebuild';
import { registerReplay } from './commands/replay';
import { registerReopen } from './commands/reopen';
import { registerScenario } from './commands/scenario';
import { registerServe } from './commands/serve';
import { registerSnapshot } from './commands/snapshot';
import { registerTemplate } from './commands/template';
import { registerToken } from './commands/token';
import { registerTrace } from './commands/trace';
import { registerVerify } from './commands/verify';
import { registerWitness } from './commands/witness';
import { asUsage, EXIT, exitCodeOf, type UsageError } from './exit-code';
import { Terminal } from './terminal';
import { commandMissing, helpIn, helpTopicUnknown, noCommand, usageError } from './usage-text';

/** What every command is run with. */
export interface CommandContext {
  readonly settings: Settings;
  readonly terminal: Terminal;
}

/** Declares a command: its texts in the language asked for, the common options, an example, and its action. */
export interface CommandDeclaration<Options> {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly example: string;
  readonly configure?: (command: Command, say: (zh: string, en: string) => string) => void;
  /** @returns the exit code, or nothing for 0 */
  readonly run: (context: CommandContext, args: readonly string[], options: Options) => Promise<number | undefined>;
}

export type Register = (program: CommandLine) => void;

interface CommonOptions {
  readonly data?: string;
  readonly lang?: string;
  readonly json?: boolean;
}

/** `--lang` decides how even the help speaks, so it is looked for before anything is parsed. Of several the last counts. */
export const languageOf = (args: readonly string[], environment: NodeJS.ProcessEnv): Language => {
  const index = args.findLastIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const given = index < 0 ? environment['YICHI_LANG'] : (args[index]?.split('=')[1] ?? args[index + 1]);
  return given === 'en' ? 'en' : 'zh';
};

export class CommandLine {
  readonly program = new Command('yichi');
  readonly language: Language;
  exitCode: number = EXIT.done;

  constructor(language: Language) {
    this.language = language;
    this.program
      .description(
        this.#say(
          '一池：乡村建设财政资金总账。数据写到标准输出，进度和消息写到标准错误。\n退出码：0 完成 · 1 程序缺陷 · 2 用法错误 · 3 输入被拒绝，未入账 · 4 被总账规则拒绝 · 5 核验不通过或所存内容已损坏 · 6 日志或磁盘不可用',
          'Yichi: a ledger of public rural-construction money. Data on stdout, progress and messages on stderr.\nExit codes: 0 done · 1 a defect of ours · 2 wrong usage · 3 input refused, nothing stored · 4 refused by a rule of the ledger · 5 verification failed, or what is stored is damaged · 6 log or disk unavailable',
        ),
      )
      .version(version, '-V, --version', this.#say('显示版本', 'show the version'))
      .helpOption('-h, --help', this.#say('显示帮助', 'show help'))
      .helpCommand('help [command]', this.#say('显示某个命令的帮助', 'show help of a command'))
      .showHelpAfterError(false)
      .configureHelp(helpIn(this.language, new Help()));
    this.#takeCommonOptions(this.program).enablePositionalOptions();
  }

  add<Options>(declaration: CommandDeclaration<Options>, parent: Command = this.program): Command {
    const command = parent
      .command(declaration.name)
      .description(this.#say(declaration.zh, declaration.en))
      .helpOption('-h, --help', this.#say('显示帮助', 'show help'))
      .configureHelp(helpIn(this.language, new Help()));
    declaration.configure?.(command, (zh, en) => this.#say(zh, en));
    this.#takeCommonOptions(command).addHelpText(
      'after',
      `\n${this.#say('例：', 'Example:')}\n  ${declaration.example}`,
    );
    command.action(async (...given: unknown[]) => {
      const options = optionsOf<Options & CommonOptions>(command);
      const args = given
        .slice(0, -2)
        .flat()
        .filter((each): each is string => typeof each === 'string');
      const terminal = new Terminal(this.language, options.json === true);
      try {
        const settings = asUsage(() => readSettings(process.env, options));
        this.exitCode = (await declaration.run({ settings, terminal }, args, options)) ?? EXIT.done;
      } catch (error) {
        terminal.failure(error);
        this.exitCode = exitCodeOf(error);
      }
    });
    return command;
  }

  /** A command that only groups others. */
  group(name: string, zh: string, en: string): Command {
    const command = this.program
      .command(name)
      .description(this.#say(zh, en))
      .helpOption('-h, --help', this.#say('显示帮助', 'show help'))
      .configureHelp(helpIn(this.language, new Help()));
    return this.#takeCommonOptions(command).enablePositionalOptions();
  }

  /** They may stand before the command, between a group and its command, or behind it. */
  #takeCommonOptions(command: Command): Command {
    return command
      .option(
        '--data <dir>',
        this.#say('数据目录（默认 ./data，或 YICHI_DATA）', 'data directory (default ./data, or YICHI_DATA)'),
      )
      .option('--lang <zh|en>', this.#say('语言（默认 zh）', 'language (default zh)'))
      .option('--json', this.#say('标准输出只有一个 JSON 文档', 'stdout holds exactly one JSON document'));
  }

  #say(zh: string, en: string): string {
    return this.language === 'zh' ? zh : en;
  }
}

/** Options of a command and of all that it stands in; what was said later counts. */
const optionsOf = <Options>(command: Command): Options =>
  ({
    ...(command.parent === null ? {} : optionsOf<Options>(command.parent)),
    ...command.opts<Options & object>(),
  }) as Options;

const quiet = (command: Command): void => {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) quiet(child);
};

/** The command line with every command that there is. */
export const commandLineIn = (language: Language): CommandLine => {
  const line = new CommandLine(language);
  const registers: readonly Register[] = [
    registerImport,
    registerTemplate,
    registerBalances,
    registerTrace,
    registerDiff,
    registerHistory,
    registerProvenance,
    registerBookmark,
    registerReplay,
    registerSnapshot,
    registerClose,
    registerReopen,
    registerClosings,
    registerExport,
    registerEvidence,
    registerCheckpoint,
    registerProof,
    registerProjections,
    registerVerify,
    registerWitness,
    registerScenario,
    registerRebuild,
    registerLog,
    registerDoctor,
    registerServe,
    registerToken,
  ];
  for (const register of registers) register(line);
  quiet(line.program);
  return line;
};

/** What the parser has no words for is told from what was typed. */
const wrongUsage = ({ program }: CommandLine, error: CommanderError): UsageError => {
  const { args } = program;
  const [first = '', second = ''] = args;
  const group = program.commands.find((command) => command.name() === first && command.commands.length > 0);
  const isOptionOnly = error.code === 'commander.help' || error.code === 'commander.unknownOption';
  const commands = group?.commands.map((command) => command.name()) ?? [];
  if (group !== undefined && isOptionOnly && !args.some((arg) => commands.includes(arg))) {
    return commandMissing(first, commands);
  }
  if (error.code !== 'commander.help') return usageError(error);
  return first === 'help' ? helpTopicUnknown(second) : noCommand();
};

/** Who types nothing, or only common options, wants to know what there is. */
const isWithoutCommand = ({ program }: CommandLine, error: unknown): boolean =>
  error instanceof CommanderError && error.code === 'commander.help' && program.args.length === 0;

/** Runs one command line and tells the exit code. */
export const runCli = async (args: readonly string[]): Promise<number> => {
  const line = commandLineIn(languageOf(args, process.env));
  try {
    await line.program.parseAsync([...args], { from: 'user' });
    return line.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const terminal = new Terminal(line.language, args.includes('--json'));
    if (isWithoutCommand(line, error) && !terminal.json) {
      line.program.outputHelp();
      return EXIT.usage;
    }
    const failure = error instanceof CommanderError ? wrongUsage(line, error) : error;
    terminal.failure(failure);
    return exitCodeOf(failure);
  }
};
