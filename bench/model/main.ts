import { SingleBar } from 'cli-progress';

import { endWithReader } from '../../src/platform/end-with-reader';
import { drawHistory } from './any-history';
import { type Looks, report, tryHistory, type Way } from './try-history';

const USAGE = 'npm run campaign -- [--histories N] [--seed N]';

/** Commands of one history. */
const COMMANDS = 100;

/** Which of the histories go another way than through the desk in memory, and how many are looked at closely. */
const plan = (index: number): { readonly way: Way; readonly looks: Looks } => {
  const way = index % 100 === 7 ? 'http' : index % 50 === 11 ? 'import' : index % 25 === 3 ? 'sqlite' : 'memory';
  return {
    way,
    looks: { reads: way !== 'memory' || index % 5 === 0, proofs: index % 50 === 3 || index % 200 === 107 },
  };
};

interface Options {
  readonly histories: number;
  readonly seed: number;
}

const optionsOf = (args: readonly string[]): Options | null => {
  const options = { histories: 1000, seed: 1 };
  for (let index = 0; index < args.length; index += 2) {
    const [option = '', value = ''] = args.slice(index, index + 2);
    if (!/^\d{1,9}$/.test(value)) return null;
    if (option === '--histories') options.histories = Number(value);
    else if (option === '--seed') options.seed = Number(value);
    else return null;
  }
  return options;
};

const main = async (args: readonly string[]): Promise<number> => {
  const options = optionsOf(args);
  if (options === null) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const bar = new SingleBar({ format: '{bar} {value}/{total} histories, {eta_formatted}', stream: process.stderr });
  bar.start(options.histories, 0);
  const began = performance.now();
  const outcomes = new Map<string, number>();
  for (let index = 0; index < options.histories; index += 1) {
    const seed = options.seed + index;
    const history = drawHistory(seed, COMMANDS);
    for (const { verdict } of history.steps) outcomes.set(verdict.outcome, (outcomes.get(verdict.outcome) ?? 0) + 1);
    const { way, looks } = plan(index);
    const failure = await tryHistory(history, way, seed, looks);
    if (failure !== null) {
      bar.stop();
      process.stdout.write(`${await report(history, failure, way, seed, looks)}\n`);
      return 1;
    }
    bar.update(index + 1);
  }
  bar.stop();
  const seconds = (performance.now() - began) / 1000;
  const told = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  process.stdout.write(
    `${options.histories} histories from seed ${options.seed}, ${options.histories * COMMANDS} commands (${told}), ` +
      `no difference, ${seconds.toFixed(0)} s\n`,
  );
  return 0;
};

endWithReader();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
