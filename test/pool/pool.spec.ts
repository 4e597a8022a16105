import { fen } from '../../src/money/fen';
import { overdraft } from '../../src/pool/pool-errors';
import {
  allocated,
  appropriated,
  command,
  COUNTY,
  given,
  integrated,
  OTHER_VILLAGE,
  paymentLine,
  PoolInHand,
  recorded,
  requested,
  VILLAGE,
  yuan,
} from './support/pool-specification';

const road = [appropriated('文1', 'ROAD', '1000.00'), integrated('文1', 'ROAD', '1000.00')] as const;
const roadAtVillage = [...road, allocated('ROAD-1', '文1', 'ROAD', '600.00')] as const;
const available = `pool:${COUNTY}:2024:available`;
const received = `pool:${COUNTY}:2024:received`;
const place = (state: string, village = VILLAGE): string => `project:ROAD-1:${village}:${state}`;

describe('appropriating 指标下达', () => {
  it('brings money in from its channel, with the line’s particulars', () =>
    given()
      .when(appropriated('文1', 'ROAD', '1000.00'))
      .then({
        type: 'FundsAppropriated',
        data: {
          documentNo: '文1',
          lines: [{ quotaLine: '文1/C-ANY/ROAD', departmentCode: 'D-1', level: '省', issuedOn: '2024-01-10' }],
          movements: [{ quotaLine: '文1/C-ANY/ROAD', from: 'source:C-ANY', to: received, amount: '1000.00' }],
        },
      }));

  it('refuses what is not registered', () => {
    given()
      .when(appropriated('文1', 'NOTHING', '1.00'))
      .thenRejected('UNKNOWN_PURPOSE', { value: 'NOTHING' });
    given()
      .when(appropriated('文1', 'ROAD', '1.00', '2024-01-10', 'C-NONE'))
      .thenRejected('UNKNOWN_CHANNEL', { value: 'C-NONE' });
  });

  it('keeps a channel to its allowed purposes', () =>
    given()
      .when(appropriated('文1', 'ROAD', '1.00', '2024-01-10', 'C-WATER'))
      .thenRejected('PURPOSE_NOT_ALLOWED', { allowed: ['WATER'] }));

  it('knows the same document again, and refuses its number with other content', () => {
    given(appropriated('文1', 'ROAD', '1000.00'))
      .when(appropriated('文1', 'ROAD', '1000.00'))
      .thenNothing();
    given(appropriated('文1', 'ROAD', '1000.00'))
      .when(appropriated('文1', 'ROAD', '1000.01'))
      .thenRejected('DUPLICATE_DOCUMENT', { documentNo: '文1' });
  });

  it('takes a document once, whatever its date', () =>
    given(appropriated('文1', 'ROAD', '1000.00'))
      .when(appropriated('文1', 'ROAD', '1000.00', '2024-05-01'))
      .thenRejected('DUPLICATE_DOCUMENT', { on: '2024-01-10', asked: '2024-05-01' }));
});

describe('integrating 整合', () => {
  it('moves received money into the pool', () =>
    given(appropriated('文1', 'ROAD', '1000.00'))
      .when(integrated('文1', 'ROAD', '400.00'))
      .then({
        type: 'FundsIntegrated',
        data: { movements: [{ from: received, to: available, amount: '400.00' }] },
      }));

  it('never more than was received', () =>
    given(appropriated('文1', 'ROAD', '1000.00'))
      .when(integrated('文1', 'ROAD', '1000.01'))
      .thenRejected('OVERDRAFT', { quotaLine: '文1/C-ANY/ROAD', available: '1000.00', short: '0.01' }));

  it('tells a changed channel or purpose from an unknown document', () => {
    given(appropriated('文1', 'ROAD', '1000.00'))
      .when(integrated('文1', 'WATER', '1.00'))
      .thenRejected('CHANNEL_CHANGED', { known: ['C-ANY/ROAD'] });
    given()
      .when(integrated('文9', 'ROAD', '1.00'))
      .thenRejected('UNKNOWN_QUOTA_LINE');
  });
});

describe('allocating 资金安排', () => {
  it('gives money to a project’s village', () =>
    given(...road)
      .when(allocated('ROAD-1', '文1', 'ROAD', '600.00'))
      .then({
        type: 'FundsAllocated',
        data: { movements: [{ from: available, to: place('available'), amount: '600.00' }] },
      }));

  it('a line of a purpose pays for everything under it', () =>
    given(appropriated('文2', 'INFRA', '10.00'), integrated('文2', 'INFRA', '10.00'))
      .when(allocated('WATER-1', '文2', 'INFRA', '10.00'))
      .then({ type: 'FundsAllocated', data: {} }));

  it('and for nothing else (资金用途不变)', () =>
    given(appropriated('文3', 'TOILET', '200.00'), integrated('文3', 'TOILET', '200.00'))
      .when(allocated('ROAD-1', '文3', 'TOILET', '200.00'))
      .thenRejected('PURPOSE_CHANGED', { asked: 'ROAD', allowed: ['TOILET'] }));

  it('only to projects in the library, at their own places', () => {
    given(...road)
      .when(allocated('DECLARED-1', '文1', 'ROAD', '1.00'))
      .thenRejected('PROJECT_NOT_IN_LIBRARY');
    given(...road)
      .when(allocated('NOBODY', '文1', 'ROAD', '1.00'))
      .thenRejected('UNKNOWN_PROJECT');
    given(...road)
      .when(allocated('ROAD-1', '文1', 'ROAD', '1.00', '2024-02-01', { place: '630224101204' }))
      .thenRejected('PLACE_OUTSIDE_DIVISION');
    given(...road)
      .when(allocated('ROAD-1', '文1', 'ROAD', '1.00', '2024-02-01', { place: '630222103999' }))
      .thenRejected('UNKNOWN_DIVISION');
  });

  it('takes the oldest lines first where none is named (先进先出)', () =>
    given(
      appropriated('文乙', 'ROAD', '100.00', '2024-01-11'),
      appropriated('文甲', 'ROAD', '100.00', '2024-01-11'),
      appropriated('文丙', 'ROAD', '100.00', '2024-01-09'),
      integrated('文乙', 'ROAD', '100.00'),
      integrated('文甲', 'ROAD', '100.00'),
      integrated('文丙', 'ROAD', '100.00'),
    )
      .when(allocated('ROAD-1', null, 'ROAD', '150.00'))
      .then({
        type: 'FundsAllocated',
        data: {
          movements: [
            { quotaLine: '文丙/C-ANY/ROAD', amount: '100.00' },
            { quotaLine: '文乙/C-ANY/ROAD', amount: '50.00' },
          ],
        },
      }));

  it('or each in proportion to what it has, without losing a fen', () =>
    given(
      appropriated('文1', 'ROAD', '100.00'),
      appropriated('文2', 'ROAD', '200.00'),
      integrated('文1', 'ROAD', '100.00'),
      integrated('文2', 'ROAD', '200.00'),
    )
      .when(
        command('AllocateFunds', {
          effectiveOn: '2024-02-01',
          allocationNo: '安1',
          lineSelection: 'proportional',
          lines: [paymentLine('ROAD-1', null, 'ROAD', '100.01')],
        }),
      )
      .then({ type: 'FundsAllocated', data: { movements: [{ amount: '33.34' }, { amount: '66.67' }] } }));

  it('says how much all lines of the channel and purpose are short', () =>
    given(...road)
      .when(allocated('ROAD-1', null, 'ROAD', '1000.01'))
      .thenRejected('OVERDRAFT', { available: '1000.00', short: '0.01' }));
});

describe('disbursing 支付', () => {
  it('holds, then pays what another person approved', () => {
    const hand = new PoolInHand();
    for (const past of roadAtVillage) hand.apply(past);
    hand.apply(requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00')));
    expect(hand.try(command('ExecutePayment', { effectiveOn: '2024-03-02', voucherNo: '支1' }))).toBe('PAYMENT_STATE');
    expect(
      hand.try(command('ApprovePayment', { effectiveOn: '2024-03-02', voucherNo: '支1', approvedBy: '张三' })),
    ).toBe('SAME_PERSON');
    hand.apply(command('ApprovePayment', { effectiveOn: '2024-03-02', voucherNo: '支1', approvedBy: '李四' }));
    const [paid] = hand.apply(command('ExecutePayment', { effectiveOn: '2024-03-03', voucherNo: '支1' }));
    expect(paid?.data).toMatchObject({ movements: [{ from: place('held'), to: place('paid'), amount: '100.00' }] });
  });

  it('does not let toilet money build a road (资金用途不变)', () =>
    given(
      appropriated('文3', 'TOILET', '200.00'),
      integrated('文3', 'TOILET', '200.00'),
      allocated('TOILET-1', '文3', 'TOILET', '200.00'),
    )
      .when(requested('支1', paymentLine('ROAD-1', '文3', 'TOILET', '200.00')))
      .thenRejected('PURPOSE_CHANGED', { allowed: ['TOILET'], asked: 'ROAD' }));

  it('no place spends another’s money', () =>
    given(...roadAtVillage)
      .when(requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '1.00', OTHER_VILLAGE)))
      .thenRejected('OVERDRAFT', { available: '0.00' }));

  it('waits for cash where the channel says so (须到账)', () => {
    const history = [
      appropriated('文4', 'ROAD', '100.00', '2024-01-10', 'C-CASH'),
      integrated('文4', 'ROAD', '100.00', '2024-01-20', 'C-CASH'),
      allocated('ROAD-1', '文4', 'ROAD', '100.00', '2024-02-01', { channelCode: 'C-CASH' }),
    ];
    const line = paymentLine('ROAD-1', '文4', 'ROAD', '60.00', VILLAGE, 'C-CASH');
    given(...history)
      .when(requested('支1', line))
      .thenRejected('CASH_NOT_RECEIVED', { short: '60.00' });
    const cash = (on: string) =>
      command('RecordCash', {
        effectiveOn: on,
        receiptNo: '到1',
        lines: [{ documentNo: '文4', channelCode: 'C-CASH', purposeCode: 'ROAD', amount: yuan('60.00') }],
      });
    given(...history, cash('2024-03-01'))
      .when(requested('支1', line))
      .then({ type: 'PaymentRequested', data: {} });
    given(...history, cash('2024-03-02'))
      .when(requested('支1', line))
      .thenRejected('CASH_NOT_RECEIVED');
  });

  it('cancels a request and frees what it held', () =>
    given(...roadAtVillage, requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00')))
      .when(command('CancelPayment', { effectiveOn: '2024-03-05', voucherNo: '支1', reason: '合同变更' }))
      .then({
        type: 'PaymentCancelled',
        data: { movements: [{ from: place('held'), to: place('available'), amount: '100.00' }] },
      }));

  it('takes a return back into the line that paid, never more than was paid', () => {
    const paid = [...roadAtVillage, recorded('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00'))] as const;
    const back = (amount: string) =>
      command('ReturnPayment', {
        effectiveOn: '2024-03-10',
        voucherNo: '退1',
        originalVoucherNo: '支1',
        payee: '某施工队',
        lines: [paymentLine('ROAD-1', null, 'ROAD', amount)],
      });
    given(...paid)
      .when(back('40.00'))
      .then({
        type: 'PaymentReturned',
        data: { movements: [{ from: place('paid'), to: place('available'), amount: '40.00' }] },
      });
    given(...paid)
      .when(back('100.01'))
      .thenRejected('RETURN_EXCEEDS_PAYMENT', { left: '100.00' });
    given(...roadAtVillage)
      .when(back('1.00'))
      .thenRejected('UNKNOWN_PAYMENT');
  });

  it('knows a voucher again, and refuses its number for another payment, whatever the date', () => {
    const paid = recorded('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00'));
    given(...roadAtVillage, paid)
      .when(paid)
      .thenNothing();
    given(...roadAtVillage, paid)
      .when(recorded('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00'), '2024-04-01'))
      .thenRejected('DUPLICATE_DOCUMENT', { documentNo: '支1', on: '2024-03-01' });
  });
});

describe('the whole timeline', () => {
  it('refuses a back-dated outflow that makes a later day negative', () =>
    given(...road, allocated('ROAD-1', '文1', 'ROAD', '900.00', '2024-06-01'))
      .when(allocated('ROAD-1', '文1', 'ROAD', '200.00', '2024-02-01'))
      .thenRejected('OVERDRAFT', { on: '2024-06-01', available: '100.00', short: '100.00' }));

  it('refuses to spend before the money is there', () =>
    given(...road)
      .when(allocated('ROAD-1', '文1', 'ROAD', '1.00', '2024-01-19'))
      .thenRejected('OVERDRAFT', { on: '2024-01-19', available: '0.00' }));
});

describe('recalling, reallocating, carrying over', () => {
  it('recalls from a project’s place', () =>
    given(...roadAtVillage)
      .when(
        command('RecallFunds', {
          effectiveOn: '2024-12-01',
          recallNo: '收1',
          recalledTo: '63',
          lines: [
            {
              documentNo: '文1',
              channelCode: 'C-ANY',
              purposeCode: 'ROAD',
              amount: yuan('10.00'),
              from: { projectCode: 'ROAD-1', place: VILLAGE },
            },
          ],
        }),
      )
      .then({
        type: 'FundsRecalled',
        data: { movements: [{ from: place('available'), to: `recalled:${COUNTY}:2024`, amount: '10.00' }] },
      }));

  it('recalls from the pool: what is available first, then what is not integrated', () =>
    given(appropriated('文1', 'ROAD', '1000.00'), integrated('文1', 'ROAD', '300.00'))
      .when(
        command('RecallFunds', {
          effectiveOn: '2024-12-01',
          recallNo: '收1',
          recalledTo: null,
          lines: [{ documentNo: '文1', channelCode: 'C-ANY', purposeCode: 'ROAD', amount: yuan('400.00'), from: null }],
        }),
      )
      .then({
        type: 'FundsRecalled',
        data: {
          movements: [
            { from: available, amount: '300.00' },
            { from: received, amount: '100.00' },
          ],
        },
      }));

  it('reallocates to another project of the purpose, or back into the pool', () => {
    const move = (to: { projectCode: string; place: string } | null) =>
      command('ReallocateFunds', {
        effectiveOn: '2024-05-01',
        reallocationNo: '调1',
        lines: [
          {
            documentNo: '文1',
            channelCode: 'C-ANY',
            purposeCode: 'ROAD',
            amount: yuan('50.00'),
            fromProject: 'ROAD-1',
            fromPlace: VILLAGE,
            to,
          },
        ],
      });
    given(...roadAtVillage)
      .when(move(null))
      .then({ type: 'FundsReallocated', data: { movements: [{ from: place('available'), to: available }] } });
    given(...roadAtVillage)
      .when(move({ projectCode: 'ROAD-1', place: OTHER_VILLAGE }))
      .then({
        type: 'FundsReallocated',
        data: { movements: [{ from: place('available'), to: place('available', OTHER_VILLAGE) }] },
      });
    given(...roadAtVillage)
      .when(move({ projectCode: 'WATER-1', place: VILLAGE }))
      .thenRejected('PURPOSE_CHANGED');
  });

  it('carries over everything unspent, and nothing while a payment is pending', () => {
    const carry = command('CarryOverFunds', { effectiveOn: '2024-12-31', carryOverNo: '结1', toFiscalYear: 2025 });
    given(...roadAtVillage)
      .when(carry)
      .then({
        type: 'FundsCarriedOver',
        data: {
          movements: [
            { from: available, to: `carried:${COUNTY}:2024`, amount: '400.00' },
            { from: place('available'), to: `carried:${COUNTY}:2024`, amount: '600.00' },
          ],
        },
      });
    given(...roadAtVillage, requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '1.00')))
      .when(carry)
      .thenRejected('PAYMENTS_PENDING', { vouchers: ['支1'] });
    given().when(carry).thenRejected('NOTHING_TO_CARRY_OVER');
    // Cash may come before the money that it is for; by itself it is not carried over.
    const later = appropriated('文4', 'ROAD', '100.00', '2024-07-15', 'C-CASH');
    const cash = command('RecordCash', {
      effectiveOn: '2024-01-21',
      receiptNo: '到1',
      lines: [{ documentNo: '文4', channelCode: 'C-CASH', purposeCode: 'ROAD', amount: yuan('3.30') }],
    });
    const early = command('CarryOverFunds', { effectiveOn: '2024-02-27', carryOverNo: '结1', toFiscalYear: 2025 });
    given(later, cash).when(early).thenRejected('NOTHING_TO_CARRY_OVER');
    given(...roadAtVillage)
      .when(command('CarryOverFunds', { effectiveOn: '2024-12-31', carryOverNo: '结1', toFiscalYear: 2024 }))
      .thenRejected('CARRY_OVER_YEAR');
  });
});

describe('repurposing 用途调整', () => {
  const approve = command('RepurposeFunds', {
    effectiveOn: '2024-01-25',
    approvalNo: '批1',
    lines: [
      {
        documentNo: '文3',
        channelCode: 'C-ANY',
        purposeCode: 'TOILET',
        amount: yuan('80.00'),
        toPurposeCode: 'INFRA',
      },
    ],
  });
  const pilot = [
    appropriated('文3', 'TOILET', '200.00'),
    integrated('文3', 'TOILET', '100.00', '2024-01-20', 'C-ANY', 'PILOT_INTEGRATION'),
  ] as const;

  it('lets pilot funds pay for the approved purpose, up to the approved amount, under the line’s own name', () => {
    given(...pilot, approve)
      .when(allocated('ROAD-1', '文3', 'TOILET', '80.00'))
      .then({
        type: 'FundsAllocated',
        data: {
          movements: [{ quotaLine: '文3/C-ANY/TOILET' }],
          usedAuthorities: [{ toPurposeCode: 'INFRA', amount: '80.00' }],
        },
      });
    given(...pilot, approve)
      .when(allocated('ROAD-1', '文3', 'TOILET', '80.01'))
      .thenRejected('PURPOSE_CHANGED', { allowed: ['TOILET', 'INFRA'] });
  });

  it('never funds of the other regimes', () =>
    given(appropriated('文3', 'TOILET', '200.00'), integrated('文3', 'TOILET', '100.00'))
      .when(approve)
      .thenRejected('REGIME_FORBIDS_REPURPOSING', { left: '0.00' }));
});

describe('an overdraft in words', () => {
  const of = (line: string) =>
    overdraft({
      line,
      where: '甲',
      whereEn: 'A',
      account: 'a',
      asked: fen(300),
      available: fen(100),
      on: '2024-05-01',
    });

  it('names the line that is short, and all lines of a channel and purpose where none was named', () => {
    expect(of('文1/C-ANY/ROAD').message).toBe(
      '甲余额不足：指标 文1/C-ANY/ROAD，2024-05-01 可用 1.00 元，申请 3.00 元，缺 2.00 元。',
    );
    expect(of('*/C-ANY/ROAD')).toMatchObject({
      message: expect.stringContaining('渠道/用途 C-ANY/ROAD 的全部指标'),
      messageEn: expect.stringContaining('every quota line of C-ANY/ROAD taken together'),
      parameters: { quotaLine: '*/C-ANY/ROAD' },
    });
  });
});
