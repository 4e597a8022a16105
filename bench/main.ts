import { appendBenchmark } from './append';
import { evidenceBenchmark } from './evidence';
import { importBenchmark } from './import';
import { queryBenchmark } from './query';
import { replayBenchmark } from './replay';
import { type BenchmarkLine, printLine } from './report';
import { startBenchmark } from './start';
import { endWithReader } from '../src/platform/end-with-reader';

interface Options {
  readonly events?: number;
}

const BENCHMARKS: Readonly<Record<string, (options: Options) => AsyncIterable<BenchmarkLine>>> = {
  append: appendBenchmark,
  replay: replayBenchmark,
  query: queryBenchmark,
  evidence: evidenceBenchmark,
  import: importBenchmark,
  start: startBenchmark,
};

const USAGE = `npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [--events N] [--json]`;

const COUNT = /^[1-9]\d{0,8}$/;

const main = async (args: readonly string[]): Promise<number> => {
  const [name = '', ...rest] = args;
  const benchmark = BENCHMARKS[name];
  let json = false;
  let events: number | null = null;
  for (let index = 0; index < rest.length; index += 1) {
    const option = rest[index];
    if (option === '--json') json = true;
    else if (option === '--events' && COUNT.test(rest[index + 1] ?? '')) {
      index += 1;
      events = Number(rest[index]);
    } else return usage();
  }
  if (benchmark === undefined) return usage();
  for await (const line of benchmark(events === null ? {} : { events })) printLine(line, json);
  return 0;
};

const usage = (): number => {
  process.stderr.write(`${USAGE}\n`);
  return 2;
};

endWithReader();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
