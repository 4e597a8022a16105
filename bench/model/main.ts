import { endWithReader } from '../../src/platform/end-with-reader';
import { Campaign } from './campaign';

const USAGE = 'npm run campaign -- [--histories N] [--seed N]';

/** A line of figures each time so many histories have been played. */
const TOLD_EVERY = 1000;

interface Options {
  readonly histories: number;
  readonly seed: number;
}

const optionsOf = (args: readonly string[]): Options | null => {
  const options = { histories: 1000, seed: 1 };
  for (let index = 0; index < args.length; index += 2) {
    const [option = '', value = ''] = args.slice(index, index + 2);
    if (!/^[1-9]\d{0,8}$/.test(value)) return null;
    if (option === '--histories') options.histories = Number(value);
    else if (option === '--seed') options.seed = Number(value);
    else return null;
  }
  return options;
};

const tell = (text: string): void => void process.stdout.write(`${text}\n`);

const main = async (args: readonly string[]): Promise<number> => {
  const options = optionsOf(args);
  if (options === null) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const { histories, seed } = options;
  const campaign = new Campaign({
    histories,
    seed,
    onPlayed: (figures) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${figures.histories}/${histories}`);
      if (figures.histories % TOLD_EVERY === 0) tell(figures.text());
    },
    onReport: tell,
  });
  process.once('SIGINT', () => campaign.stop());
  process.once('SIGTERM', () => campaign.stop());
  await campaign.run();
  tell(campaign.figures.summary());
  const wasStopped = campaign.next < seed + histories;
  if (wasStopped) tell(`go on with --seed ${campaign.next} --histories ${seed + histories - campaign.next}`);
  return campaign.figures.differing === 0 ? 0 : 1;
};

endWithReader();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
