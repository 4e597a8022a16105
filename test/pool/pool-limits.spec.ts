import { fen } from '../../src/money/fen';
import type { FundsCarriedOver, TransferIssued } from '../../src/pool/pool-event';
import {
  allocated,
  appropriated,
  type Command,
  command,
  COUNTY,
  given,
  integrated,
  paymentLine,
  PoolInHand,
  recorded,
  VILLAGE,
  yuan,
} from './support/pool-specification';

/** 一万亿元, the most of one amount. */
const MOST = '1000000000000.00';
const ten = Array.from({ length: 10 }, (_, index) => index + 1);
const full = ten.map((number) => appropriated(`文${number}`, 'ROAD', MOST));

const received = (amount: string, receiptNo: string): Command =>
  command('RecordCash', {
    effectiveOn: '2024-02-01',
    receiptNo,
    lines: [{ documentNo: '文1', channelCode: 'C-ANY', purposeCode: 'ROAD', amount: yuan(amount) }],
  });

const tooLarge = { pool: `pool-${COUNTY}-2024`, of: 'quota', present: '10000000000000.00', limit: '10000000000000.00' };

describe('what a pool may hold', () => {
  it('is 10 万亿元 that ever came in: the fen beyond is refused, with what is there, what is asked and the limit', () => {
    given(...full.slice(1))
      .when(appropriated('文1', 'ROAD', MOST))
      .then({ type: 'FundsAppropriated', data: {} });
    given(...full)
      .when(appropriated('文11', 'ROAD', '0.01'))
      .thenRejected('POOL_TOO_LARGE', { ...tooLarge, asked: '0.01' });
  });

  it.each([
    ['of many lines', (index: number) => `C-${index}`],
    ['that says one line many times', () => 'C-ANY'],
  ])('refuses a document %s whose sum nobody could hold', (_, channelOf) => {
    const lines = Array.from({ length: 95 }, (__, index) => ({
      parentDocumentNo: null,
      channelCode: channelOf(index),
      purposeCode: 'ROAD',
      amount: yuan(MOST),
    }));
    given()
      .when(command('AppropriateFunds', { effectiveOn: '2024-01-10', documentNo: '文1', lines }))
      .thenRejected('DOCUMENT_TOO_LARGE', { asked: '95000000000000.00', limit: '10000000000000.00' });
    const home = { projectCode: 'ROAD-1', place: VILLAGE };
    given(...full)
      .when(
        command('AllocateFunds', {
          effectiveOn: '2024-02-01',
          allocationNo: '安1',
          lineSelection: 'fifo',
          lines: lines.map((line) => ({ ...line, ...home, documentNo: '文1' })),
        }),
      )
      .thenRejected('DOCUMENT_TOO_LARGE', { asked: '95000000000000.00' });
  });

  it('counts cash by itself', () => {
    const cash = ten.map((number) => received(MOST, `到${number}`));
    given(appropriated('文1', 'ROAD', '1.00'), ...cash)
      .when(received('0.01', '到11'))
      .thenRejected('POOL_TOO_LARGE', { ...tooLarge, of: 'cash', asked: '0.01' });
    given(appropriated('文1', 'ROAD', '1.00'), ...cash)
      .when(appropriated('文2', 'ROAD', MOST))
      .then({ type: 'FundsAppropriated', data: {} });
  });

  it('counts what was reversed since, so that no sum of what came and went can grow', () => {
    const hand = new PoolInHand();
    for (const number of ten) {
      const [original] = hand.apply(appropriated(`文${number}`, 'ROAD', MOST));
      if (original === undefined) throw new Error('nothing was appropriated');
      hand.apply(
        command('ReverseEntry', {
          effectiveOn: '2024-12-31',
          reversalNo: `冲${number}`,
          reason: '单位有误',
          original,
          followsTaker: false,
        }),
      );
    }
    expect(hand.try(appropriated('文11', 'ROAD', '0.01'))).toBe('POOL_TOO_LARGE');
  });

  it('lets everything go on that brings nothing in', () => {
    const whole = [...full, integrated('文1', 'ROAD', MOST), allocated('ROAD-1', '文1', 'ROAD', MOST)];
    given(...whole)
      .when(recorded('支1', paymentLine('ROAD-1', '文1', 'ROAD', MOST)))
      .then({ type: 'PaymentExecuted', data: {} });
  });

  it('is the same for what is taken in from another pool, and from the year before', () => {
    const movements = [
      {
        quotaLine: '文9/C-ANY/ROAD',
        from: 'pool:63:2024:available',
        to: 'transit:下1',
        amount: '0.01',
      },
    ] as unknown as TransferIssued['data']['movements'];
    const issued: TransferIssued['data'] = {
      documentNo: '下1',
      toDivision: COUNTY,
      toFiscalYear: 2024,
      integrated: true,
      sentLines: [],
      movements,
    };
    given(...full)
      .when(
        command('ReceiveTransfer', {
          effectiveOn: '2024-02-01',
          transferEventId: 'x',
          fromDivision: '63',
          fromFiscalYear: 2024,
          issued,
        }),
      )
      .thenRejected('POOL_TOO_LARGE', { ...tooLarge, asked: '0.01' });

    const carried = { documentNo: '结1', toFiscalYear: 2024, sentLines: [], cash: [], movements: [] };
    const receive = (more: Partial<FundsCarriedOver['data']>): Command =>
      command('ReceiveCarryOver', {
        effectiveOn: '2024-02-01',
        carryOverEventId: 'x',
        fromFiscalYear: 2023,
        carried: { ...carried, ...more },
      });
    given(...full)
      .when(receive({ movements }))
      .thenRejected('POOL_TOO_LARGE', tooLarge);
    const cash = [{ quotaLine: movements[0]?.quotaLine ?? ('' as never), amount: '10000000000000.01' }];
    given().when(receive({ cash })).thenRejected('POOL_TOO_LARGE', { of: 'cash', present: '0.00' });
  });

  it('is a ninth of what folds add exactly', () =>
    expect(fen(9 * Number(yuan(MOST)) * 10)).toBe(9_000_000_000_000_000));
});
