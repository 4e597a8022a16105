import { asUsage, EXIT, exitCodeOf, UsageError } from './cli/exit-code';
import { Terminal } from './cli/terminal';
import { serve } from './cli/serve';
import { DomainError } from './platform/domain-error';
import { readSettings } from './platform/settings';

/** What `npm start` runs. */
const main = async (args: readonly string[]): Promise<number> => {
  const terminal = new Terminal(process.env['YICHI_LANG'] === 'en' ? 'en' : 'zh', false);
  try {
    const unknown = args.find((arg) => arg !== '--empty');
    if (unknown !== undefined) throw unknownArgument(unknown);
    await serve(
      asUsage(() => readSettings(process.env)),
      { empty: args.includes('--empty') },
    );
    return EXIT.done;
  } catch (error) {
    terminal.failure(error);
    return exitCodeOf(error);
  }
};

const unknownArgument = (argument: string): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: `不认识的参数：${argument}`,
      messageEn: `Unknown argument: ${argument}`,
      remedy: 'npm start 只接受 --empty（不载入演示账）；其他设置用环境变量，见 README。',
      remedyEn: 'npm start takes --empty only (no demonstration); settings are environment variables, see README.',
    }),
  );

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
