import { Writable } from 'node:stream';

import { type RunningServer, startServer } from '../../src/http/server';
import { issueToken, openKeys, type TokenKeys } from '../../src/identity/tokens';
import type { Ledger } from '../../src/ledger/ledger';
import { fen, yuanFromFen } from '../../src/money/fen';
import { createLogger } from '../../src/platform/logging';
import { actorNamed, DeskPlayer, openWorld, type Outcome } from './player';
import type { AskedName, Step } from './step';

const ROUTES: Readonly<Record<AskedName, string>> = {
  AppropriateFunds: 'appropriations',
  RecordCash: 'cash-receipts',
  IntegrateFunds: 'integrations',
  TransferFunds: 'transfers',
  AllocateFunds: 'allocations',
  ReallocateFunds: 'reallocations',
  RecallFunds: 'recalls',
  RequestPayment: 'payment-requests',
  ApprovePayment: 'payment-approvals',
  ExecutePayment: 'payment-executions',
  CancelPayment: 'payment-cancellations',
  RecordPayment: 'payments',
  ReturnPayment: 'payment-returns',
  CarryOverFunds: 'carry-overs',
  ReverseEntry: 'reversals',
  CloseMonth: 'month-closings',
  CloseYear: 'year-closings',
  RequestReopening: 'reopening-requests',
  ApproveReopening: 'reopenings',
};

const NO_EVENT = '00000000-0000-5000-8000-000000000000';
const HOUR_SECONDS = 3600;
const STORED = 201;
const UNCHANGED = 200;

const yuan = (amount: number): string => yuanFromFen(fen(amount));

/** Every command is a request to the real service. */
export class HttpPlayer extends DeskPlayer {
  readonly #server: RunningServer;
  readonly #keys: TokenKeys;

  private constructor(ledger: Ledger, directory: string, seen: number, server: RunningServer, keys: TokenKeys) {
    super(ledger, directory, seen);
    this.#server = server;
    this.#keys = keys;
  }

  static override async open(): Promise<HttpPlayer> {
    const { ledger, directory, seen } = await openWorld('sqlite');
    await ledger.catchUp();
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const settings = { dataDir: directory, host: '127.0.0.1', port: 0 };
    const server = await startServer(ledger, settings, { logger: createLogger('info', nowhere) });
    return new HttpPlayer(ledger, directory, seen, server, await openKeys(directory));
  }

  override async play(step: Step): Promise<Outcome> {
    const token = await issueToken(this.#keys, actorNamed(step.by), HOUR_SECONDS);
    const response = await fetch(`${this.#server.url}/api/v1/${ROUTES[step.asked.name]}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'idempotency-key': step.commandId,
      },
      body: JSON.stringify(this.#bodyOf(step)),
    });
    const body = (await response.json()) as { readonly code?: string; readonly detailEn?: string };
    if (response.status === STORED) return { outcome: 'accepted', code: null };
    if (response.status === UNCHANGED) return { outcome: 'unchanged', code: null };
    if (response.status >= 500 || body.code === 'REQUEST_INVALID') {
      throw new Error(`${ROUTES[step.asked.name]}: ${response.status} ${JSON.stringify(body)}`);
    }
    return { outcome: 'refused', code: body.code ?? null };
  }

  override async close(): Promise<void> {
    await this.#server.stop();
    await super.close();
  }

  #bodyOf(step: Step): object {
    const { asked, division, fiscalYear, effectiveOn, adjustment } = step;
    const approval = adjustment === undefined ? {} : { adjustment };
    if (asked.name === 'ReverseEntry') {
      const { reversalNo, reason, target } = asked;
      return { eventId: this.eventOf(target)?.id ?? NO_EVENT, effectiveOn, reversalNo, reason, ...approval };
    }
    const { name: _name, ...said } = asked;
    const lines = 'lines' in asked ? asked.lines.map((line) => ({ ...line, amount: yuan(line.amount) })) : [];
    return {
      division,
      fiscalYear,
      effectiveOn,
      ...approval,
      ...said,
      ...(lines.length === 0 ? { lines: undefined } : { lines }),
    };
  }
}
