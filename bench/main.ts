import { appendBenchmark } from './append';
import { evidenceBenchmark } from './evidence';
import { importBenchmark } from './import';
import { momentsBenchmark } from './moments';
import { queryBenchmark } from './query';
import { proofBenchmark } from './proof';
import { replayBenchmark } from './replay';
import { type BenchmarkLine, printLine } from './report';
import { startBenchmark } from './start';
import { tamperingCampaign } from './tampering';
import { verifyBenchmark } from './verify';
import { endWithReader } from '../src/platform/end-with-reader';

interface Options {
  readonly events?: number;
  readonly url?: string;
  readonly foreign?: number;
}

/** Only who measures a server loads its client. */
async function* cluster({ url = '', ...options }: Options): AsyncGenerator<BenchmarkLine> {
  const { clusterBenchmark } = await import('./cluster');
  yield* clusterBenchmark({ url, ...options });
}

const BENCHMARKS: Readonly<Record<string, (options: Options) => AsyncIterable<BenchmarkLine>>> = {
  append: appendBenchmark,
  replay: replayBenchmark,
  query: queryBenchmark,
  moments: momentsBenchmark,
  evidence: evidenceBenchmark,
  import: importBenchmark,
  start: startBenchmark,
  verify: verifyBenchmark,
  proof: proofBenchmark,
  tampering: tamperingCampaign,
  cluster,
};

const USAGE = `npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [--events N] [--json]\ncluster: --url esdb://… [--foreign N]`;

const COUNT = /^[1-9]\d{0,8}$/;

const main = async (args: readonly string[]): Promise<number> => {
  const [name = '', ...rest] = args;
  const benchmark = BENCHMARKS[name];
  let json = false;
  let events: number | null = null;
  let url: string | null = null;
  let foreign: number | null = null;
  for (let index = 0; index < rest.length; index += 1) {
    const option = rest[index];
    if (option === '--json') json = true;
    else if (option === '--events' && COUNT.test(rest[index + 1] ?? '')) {
      index += 1;
      events = Number(rest[index]);
    } else if (option === '--foreign' && benchmark === cluster && COUNT.test(rest[index + 1] ?? '')) {
      index += 1;
      foreign = Number(rest[index]);
    } else if (option === '--url' && /^esdb(\+discover)?:\/\/.+/.test(rest[index + 1] ?? '')) {
      index += 1;
      url = rest[index] ?? null;
    } else return usage();
  }
  if (benchmark === undefined || (url === null) === (benchmark === cluster)) return usage();
  const options = {
    ...(events === null ? {} : { events }),
    ...(url === null ? {} : { url }),
    ...(foreign === null ? {} : { foreign }),
  };
  for await (const line of benchmark(options)) printLine(line, json);
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
