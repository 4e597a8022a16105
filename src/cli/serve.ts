import type { CheckpointSchedule } from '../audit/checkpoints/checkpoint-schedule';
import { parsePlace } from '../audit/checkpoints/place';
import { balances } from '../balances/balances';
import type { Dimension } from '../balances/balances-query';
import { asUsage } from './exit-code';
import { catchUpShown } from './open-ledger';
import { withProgress } from './progress';
import { renderBalances } from './table';
import { Terminal } from './terminal';
import { untilToldToStop } from './until-told-to-stop';
import { FinishingSchedule } from '../ledger/finishing-schedule';
import { Ledger } from '../ledger/ledger';
import { createLogger } from '../platform/logging';
import type { Settings } from '../platform/settings';
import { requireAddressFree } from '../http/listening';
import { DOCUMENTATION_PATH } from '../http/openapi';
import { scheduleCheckpoints } from '../http/schedule-checkpoints';
import { startServer } from '../http/server';

export interface ServeOptions {
  /** Do not play the demonstration into an empty ledger. */
  readonly empty: boolean;
  /** For programs: stdout holds one document with the address instead of the balances. */
  readonly json?: boolean;
}

/** What a newcomer looks at first. */
const SHOWN: readonly Dimension[] = ['department', 'county', 'village'];

/** A province has thousands of villages; a start shows the first of them. */
const MAX_ROWS_SHOWN = 40;

/**
 * Tries the address, opens the ledger, plays the demonstration when there is nothing in it yet, shows the balances, and
 * serves until the process is told to stop (SIGTERM, SIGINT). Then it takes no further request, finishes what is
 * running, and closes the ledger: what was acknowledged is on the disk already.
 *
 * @throws DomainError of the log, of its key and of the address; UsageError of a place for checkpoints
 */
export const serve = async (settings: Settings, { empty, json = false }: ServeOptions): Promise<void> => {
  const terminal = new Terminal(settings.language, json);
  asUsage(() => settings.checkpoints.to.map(parsePlace));
  await requireAddressFree(settings);
  const ledger = await Ledger.open(settings);
  let checkpoints: CheckpointSchedule | undefined;
  let finishing: FinishingSchedule | undefined;
  try {
    await catchUpShown(ledger, terminal);
    // On a log that others share, several nodes would begin it at once.
    if (!empty && ledger.log.unitsCanBeCut !== true && (await ledger.log.head()) === 0) {
      await demonstrate(ledger, terminal);
      await catchUpShown(ledger, terminal);
    }
    await takeInWhatIsMissing(ledger, terminal);
    if (!json) showBalances(ledger, terminal);
    const logger = createLogger();
    checkpoints = await scheduleCheckpoints(ledger, settings.checkpoints, logger);
    finishing = new FinishingSchedule({
      ledger,
      onRefused: ({ documentNo, stream, why }) => logger.warn({ documentNo, stream, code: why.code }, why.message),
      onFailure: (error) => logger.error({ err: error }, 'what crosses pools could not be finished'),
    });
    const server = await startServer(ledger, settings, { logger });
    const told = untilToldToStop();
    if (json) terminal.line(JSON.stringify({ serve: { url: server.url } }));
    terminal.message(
      `服务地址 ${server.url}，接口文档 ${server.url}/${DOCUMENTATION_PATH}\n` +
        '签发访问令牌：npx yichi token --actor 张三　停止服务：Ctrl+C',
      `Serving at ${server.url}, API documentation at ${server.url}/${DOCUMENTATION_PATH}\n` +
        'Issue a token: npx yichi token --actor <id>   Stop: Ctrl+C',
    );
    await told;
    terminal.message('正在停止：不再接受新请求，完成进行中的请求……', 'Stopping: finishing what is running …');
    ledger.log.giveUpSoon?.();
    await server.stop();
  } finally {
    await finishing?.stop();
    await checkpoints?.stop();
    await ledger.close();
  }
  terminal.message('已停止。', 'Stopped.');
};

/** A crash may have cut a transfer or a carry-over in two; what the other pool refuses is named, not passed over. */
const takeInWhatIsMissing = async (ledger: Ledger, terminal: Terminal): Promise<void> => {
  for (const { documentNo, stream, why } of await ledger.finishCrossings()) {
    terminal.message(
      `未入账：${documentNo}（${stream}）：${why.message}`,
      `Not taken in: ${documentNo} (${stream}): ${why.messageEn}`,
    );
  }
  await catchUpShown(ledger, terminal);
};

const demonstrate = async (ledger: Ledger, terminal: Terminal): Promise<void> => {
  terminal.message(
    '账本为空，载入青海 2024 年演示账（npm start -- --empty 可跳过）……',
    'The ledger is empty; playing the Qinghai 2024 demonstration (npm start -- --empty leaves it out) …',
  );
  const { playDemonstration } = await import('../scenarios/demonstration');
  await withProgress(terminal, '载入演示账', 'Playing the demonstration', (update) =>
    playDemonstration(ledger, update),
  );
};

const showBalances = (ledger: Ledger, terminal: Terminal): void => {
  if (ledger.readModel.position() === 0) {
    terminal.message(
      '账本为空。导入台账：npx yichi import <文件…>；空白模板：npx yichi template',
      'The ledger is empty. Import ledgers: npx yichi import <files…>; empty template: npx yichi template',
    );
    return;
  }
  for (const by of SHOWN) {
    const all = balances(ledger.readModel, { by, under: null, year: null, asOf: null, at: null });
    const shown = { ...all, rows: all.rows.slice(0, MAX_ROWS_SHOWN) };
    terminal.line(renderBalances(shown, { language: terminal.language, unit: '万元' }));
    if (shown.rows.length < all.rows.length) {
      terminal.line(
        terminal.say(
          `（共 ${all.rows.length} 行，其余见 npx yichi balances --by ${by}）`,
          `(${all.rows.length} rows; see the rest with npx yichi balances --by ${by})`,
        ),
      );
    }
    terminal.line('');
  }
};
