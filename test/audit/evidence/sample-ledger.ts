import { type Ledger } from '../../../src/ledger/ledger';
import { type EvidenceBundle, exportEvidence } from '../../../src/audit/evidence/evidence-bundle';
import { type EvidenceVerdict, loadVerifier, verifierScript } from '../../../src/audit/evidence/verifier-file';
import type { Coverage } from '../../../src/audit/evidence/gather-events';
import type { MomentRequest } from '../../../src/balances/moment-request';
import type { CommandAnswer } from '../../../src/event-log/decider';
import type { LedgerEvent } from '../../../src/event-log/event';
import type { PoolEvent } from '../../../src/pool/pool-event';
import { ask, COUNTY, line, PROVINCE, registerSmallWorld, request, VILLAGE } from '../../support/small-ledger';

const home = { projectCode: 'ROAD-1', place: VILLAGE };

/** Pays an amount of the road's money on a day. */
export const payForTheRoad = (ledger: Ledger, voucherNo: string, on: string, amount: string) =>
  ask(ledger, 'RecordPayment', on, {
    voucherNo,
    payee: '民和县公路养护公司',
    requestedBy: null,
    approvedBy: null,
    lineSelection: 'fifo',
    lines: [{ ...line('文1', amount), ...home, documentNo: null }],
  });

/** Takes an entry back (红字冲销). */
export const reverse = async (
  ledger: Ledger,
  reversalNo: string,
  on: string,
  entry: { readonly stream: string; readonly eventIds: readonly string[] },
): Promise<CommandAnswer> => {
  const original = (await ledger.findEvent(entry.stream, entry.eventIds[0] ?? '')) as LedgerEvent<
    PoolEvent['type'],
    PoolEvent['data']
  >;
  const [, division = COUNTY] = entry.stream.split('-');
  const content = { reversalNo, reason: '录入有误', original, followsTaker: false };
  return ask(ledger, 'ReverseEntry', on, content, { division });
};

/** A voucher with a wrong amount, reversed and entered again under its number. */
export const payAndCorrect = async (
  ledger: Ledger,
  voucherNo: string,
  [wrong, right]: readonly [string, string],
): Promise<void> => {
  const entry = await payForTheRoad(ledger, voucherNo, '2024-06-01', wrong);
  await reverse(ledger, `红-${voucherNo}`, '2024-06-02', entry);
  await payForTheRoad(ledger, voucherNo, '2024-06-03', right);
};

/**
 * A year of a road. By hand, in 元: 1,000.00 to the province, 800.00 of it to the county, 500.00 into the road; 200.00
 * paid, 50.00 of that came back; 30.00 recalled.
 */
export const playTheRoad = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  await ask(
    ledger,
    'AppropriateFunds',
    '2024-01-10',
    { documentNo: '文1', lines: [{ ...line('文1', '1000.00'), parentDocumentNo: null }] },
    { division: PROVINCE },
  );
  await ask(
    ledger,
    'IntegrateFunds',
    '2024-01-12',
    { integrationNo: '整1', integrationRegime: 'BUNDLING_UNCHANGED', lines: [line('文1', '1000.00')] },
    { division: PROVINCE },
  );
  await ask(
    ledger,
    'TransferFunds',
    '2024-01-15',
    { transferNo: '下1', lines: [{ ...line('文1', '800.00'), toDivision: COUNTY, integrated: true }] },
    { division: PROVINCE },
  );
  await ask(ledger, 'AllocateFunds', '2024-02-01', {
    allocationNo: '安1',
    lineSelection: 'fifo',
    lines: [{ ...line('文1', '500.00'), ...home }],
  });
  await payForTheRoad(ledger, '支1', '2024-03-01', '120.00');
  await payForTheRoad(ledger, '支2', '2024-04-01', '80.00');
  await ask(ledger, 'ReturnPayment', '2024-04-05', {
    voucherNo: '退1',
    originalVoucherNo: '支2',
    payee: '民和县公路养护公司',
    lines: [{ ...line('文1', '50.00'), ...home }],
  });
  await ask(ledger, 'RecallFunds', '2024-05-01', {
    recallNo: '收1',
    recalledTo: null,
    lines: [{ ...line('文1', '30.00'), from: home }],
  });
};

/**
 * Every way in which something is taken back after that year of the road: a voucher entered again, a return, a reversal of
 * a voucher, of an allocation and of a receipt of cash, and a transfer in both its halves. A return in part (退1) stands
 * beside its payment all along.
 */
export const playCorrections = async (ledger: Ledger): Promise<void> => {
  await payAndCorrect(ledger, '支3', ['12.34', '12.43']);
  const returned = await ask(ledger, 'ReturnPayment', '2024-06-04', {
    voucherNo: '退2',
    originalVoucherNo: '支1',
    payee: '民和县公路养护公司',
    lines: [{ ...line('文1', '20.00'), ...home }],
  });
  await reverse(ledger, '红-退2', '2024-06-05', returned);
  const paid = await payForTheRoad(ledger, '支4', '2024-06-06', '7.00');
  await reverse(ledger, '红-红-支4', '2024-06-08', await reverse(ledger, '红-支4', '2024-06-07', paid));
  const allocated = await ask(ledger, 'AllocateFunds', '2024-06-09', {
    allocationNo: '安2',
    lineSelection: 'fifo',
    lines: [{ ...line('文1', '9.00'), ...home }],
  });
  await reverse(ledger, '红-红-安2', '2024-06-11', await reverse(ledger, '红-安2', '2024-06-10', allocated));
  const cash = await ask(ledger, 'RecordCash', '2024-06-12', { receiptNo: '到1', lines: [line('文1', '70.00')] });
  await reverse(ledger, '红-红-到1', '2024-06-14', await reverse(ledger, '红-到1', '2024-06-13', cash));
  await reverse(ledger, '再-到1', '2024-06-15', cash);
  await ask(
    ledger,
    'TransferFunds',
    '2024-06-16',
    { transferNo: '下2', lines: [{ ...line('文1', '60.00'), toDivision: COUNTY, integrated: true }] },
    { division: PROVINCE },
  );
  const stream = `pool-${COUNTY}-2024`;
  const taken = (await ledger.log.readStream(stream, 0, Number.MAX_SAFE_INTEGER)).at(-1);
  const { id = '' } = JSON.parse(taken?.canonical ?? '{}') as { readonly id?: string };
  await reverse(ledger, '红-下2', '2024-06-17', { stream, eventIds: [id] });
};

export const setBookmark = (ledger: Ledger, name: string, moment: MomentRequest = {}) =>
  ledger.bookmarks.set({ name, remark: null, ...moment }, request());

export const script = verifierScript();
export const verifier = loadVerifier(script);

/** Evidence as the command line exports it. */
export const evidenceOf = async (
  ledger: Ledger,
  scope: string,
  moment: MomentRequest = {},
  coverage: Coverage = 'whole',
): Promise<EvidenceBundle> => {
  await ledger.catchUp();
  return exportEvidence(ledger, { scope, moment: await ledger.moment(moment), coverage });
};

export const verify = async (ledger: Ledger, archive: Uint8Array): Promise<EvidenceVerdict> =>
  verifier.verifyArchive(archive, { keys: [await ledger.checkpoints.verifierKey()], verifier: script });

export const codesOf = (sentences: readonly { readonly code: string }[]): readonly string[] =>
  sentences.map(({ code }) => code);
