import {
  allocated,
  appropriated,
  byApproval,
  type Command,
  command,
  given,
  integrated,
  paymentLine,
  PoolInHand,
  recorded,
  requested,
} from './support/pool-specification';

const closeMonth = (month: string, effectiveOn: string, closingNo = `月结-${month}`): Command =>
  command('CloseMonth', { effectiveOn, closingNo, month });
const closeYear = (closingNo = '年结1', effectiveOn = '2024-12-31'): Command =>
  command('CloseYear', { effectiveOn, closingNo });
const request = (period: string, approvalNo = '反批1', requestedBy = '张三'): Command =>
  command('RequestReopening', { effectiveOn: '2024-04-02', approvalNo, period, requestedBy, reason: '漏记一笔' });
const approve = (period: string, approvalNo = '反批1', approvedBy = '李四'): Command =>
  command('ApproveReopening', { effectiveOn: '2024-04-03', approvalNo, period, approvedBy });

const march = closeMonth('2024-03', '2024-04-01');
const december = closeMonth('2024-12', '2024-12-31');
const road = [appropriated('文1', 'ROAD', '1000.00'), integrated('文1', 'ROAD', '1000.00')] as const;

describe('closing a month 月结', () => {
  it('closes it and every month before it', () => {
    given(march)
      .when(appropriated('文1', 'ROAD', '1.00', '2024-03-31'))
      .thenRejected('PERIOD_CLOSED', { on: '2024-03-31', closedThrough: '2024-03' });
    given(march)
      .when(appropriated('文1', 'ROAD', '1.00', '2024-01-01'))
      .thenRejected('PERIOD_CLOSED');
    given(march)
      .when(appropriated('文1', 'ROAD', '1.00', '2024-04-01'))
      .then({ type: 'FundsAppropriated', data: {} });
  });

  it('refuses every kind of entry, also those that move no money', () => {
    const paid = [
      ...road,
      allocated('ROAD-1', '文1', 'ROAD', '600.00'),
      requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '1.00')),
    ];
    const entries: readonly Command[] = [
      allocated('ROAD-1', '文1', 'ROAD', '1.00', '2024-03-20'),
      recorded('支9', paymentLine('ROAD-1', '文1', 'ROAD', '1.00'), '2024-03-20'),
      command('ApprovePayment', { effectiveOn: '2024-03-20', voucherNo: '支1', approvedBy: '李四' }),
      command('CancelPayment', { effectiveOn: '2024-03-20', voucherNo: '支1', reason: '撤' }),
      command('RecordCash', { effectiveOn: '2024-03-20', receiptNo: '到1', lines: [] }),
      command('CarryOverFunds', { effectiveOn: '2024-03-20', carryOverNo: '结1', toFiscalYear: 2025 }),
    ];
    for (const entry of entries) {
      given(...paid, march)
        .when(entry)
        .thenRejected('PERIOD_CLOSED');
    }
  });

  it('knows an entry that is there already, although its month is closed by now', () =>
    given(...road, march)
      .when(road[0])
      .thenNothing());

  it('not of a division that nobody has registered', () => {
    const hand = new PoolInHand('639999');
    expect(hand.try(march)).toBe('UNKNOWN_DIVISION');
    expect(hand.try(closeYear())).toBe('UNKNOWN_DIVISION');
  });

  it('not before the month is over, and not again', () => {
    given().when(closeMonth('2024-02', '2024-02-28')).thenRejected('PERIOD_NOT_OVER', { lastDay: '2024-02-29' });
    given().when(closeMonth('2023-10', '2023-10-31')).then({ type: 'MonthClosed', data: {} });
    given().when(closeMonth('2024-03', '2023-09-30')).thenRejected('PERIOD_NOT_OVER', { lastDay: '2024-03-31' });
    given().when(closeMonth('2023-02', '2023-02-28')).thenRejected('DATE_BEFORE_YEAR', { firstDay: '2023-10-01' });
    given(march)
      .when(closeMonth('2024-03', '2024-04-01', '另一号'))
      .thenRejected('MONTH_CLOSED_ALREADY');
    given(march)
      .when(closeMonth('2024-02', '2024-04-01'))
      .thenRejected('MONTH_CLOSED_ALREADY', { closedThrough: '2024-03' });
    given(march).when(march).thenNothing();
  });
});

describe('adjusting a closed period 结账后调整', () => {
  const late = integrated('文1', 'ROAD', '10.00', '2024-03-15');
  const received = appropriated('文1', 'ROAD', '1000.00');

  it('lets an entry in by an approval that it names, with an event of its own beside it', () =>
    given(received, march)
      .when(byApproval(late))
      .then(
        {
          type: 'FundsIntegrated',
          data: {
            movements: [{ amount: '10.00' }],
            adjustment: { approvalNo: '调批1号', approvedBy: '局长', reason: '上级文件迟到' },
          },
        },
        {
          type: 'ClosedPeriodAdjusted',
          data: {
            documentNo: '调批1号',
            approvedBy: '局长',
            reason: '上级文件迟到',
            period: '2024-03',
            entries: [{ type: 'FundsIntegrated', documentNo: '整合-文1-2024-03-15' }],
          },
        },
      ));

  it('not by the person who enters it', () =>
    given(received, march).when(byApproval(late, 'tester')).thenRejected('SAME_PERSON', { person: 'tester' }));

  it('not where the period is open: then it is an ordinary entry', () =>
    given(received).when(byApproval(late)).thenRejected('ADJUSTMENT_NOT_NEEDED', { on: '2024-03-15' }));

  it('still leaves no later day below zero', () =>
    given(received, integrated('文1', 'ROAD', '995.00', '2024-03-01'), march)
      .when(byApproval(late))
      .thenRejected('OVERDRAFT', { available: '5.00', short: '5.00' }));

  it('is the same document as without its approval', () => {
    given(received, march, byApproval(late)).when(late).thenNothing();
    given(received, late, march).when(byApproval(late)).thenNothing();
  });

  it('is reversed like any other entry, in the closed period only by an approval again', () => {
    const hand = new PoolInHand();
    for (const past of [received, march, byApproval(late)]) hand.apply(past);
    const [original] = hand.events.slice(-2);
    if (original === undefined) throw new Error('nothing was adjusted');
    const back = (effectiveOn: string): Command =>
      command('ReverseEntry', { effectiveOn, reversalNo: '红1', reason: '错', original, followsTaker: false });
    expect(hand.try(back('2024-03-20'))).toBe('PERIOD_CLOSED');
    expect(hand.try(byApproval(back('2024-03-20')))).toBeNull();
    expect(hand.events.slice(-2).map(({ type }) => type)).toEqual(['EntryReversed', 'ClosedPeriodAdjusted']);
    const [, adjustment] = hand.events.slice(-2);
    const again = command('ReverseEntry', {
      effectiveOn: '2024-05-01',
      reversalNo: '红2',
      reason: '错',
      original: adjustment as never,
      followsTaker: false,
    });
    expect(hand.try(again)).toBe('NOT_REVERSIBLE');
  });

  it('goes into a closed year as well', () =>
    given(december, closeYear())
      .when(byApproval(appropriated('文9', 'ROAD', '1.00', '2024-06-01')))
      .then({ type: 'FundsAppropriated', data: {} }, { type: 'ClosedPeriodAdjusted', data: { period: '2024' } }));
});

describe('reopening 反结账', () => {
  it('is asked for by one person and approved by another, under a document', () =>
    given(march, request('2024-03'))
      .when(approve('2024-03'))
      .then({
        type: 'PeriodReopened',
        data: { documentNo: '反批1', period: '2024-03', requestedBy: '张三', approvedBy: '李四', reason: '漏记一笔' },
      }));

  it('never by one person alone, never unasked, never by another document', () => {
    given(march, request('2024-03'))
      .when(approve('2024-03', '反批1', '张三'))
      .thenRejected('SAME_PERSON');
    given(march).when(approve('2024-03')).thenRejected('REOPENING_NOT_REQUESTED');
    given(march, request('2024-03'))
      .when(approve('2024-03', '反批2'))
      .thenRejected('REOPENING_NOT_REQUESTED', { approvalNo: '反批2' });
    given(march, request('2024-03'), request('2024-03', '反批2'))
      .when(approve('2024-03'))
      .thenRejected('REOPENING_NOT_REQUESTED');
  });

  it('a request alone opens nothing', () =>
    given(march, request('2024-03'))
      .when(appropriated('文1', 'ROAD', '1.00', '2024-03-31'))
      .thenRejected('PERIOD_CLOSED'));

  it('opens that month and no other, until it is closed anew by a document of its own', () => {
    const reopened = [march, request('2024-02'), approve('2024-02')] as const;
    const entry = appropriated('文1', 'ROAD', '1.00', '2024-02-10');
    given(...reopened)
      .when(entry)
      .then({ type: 'FundsAppropriated', data: {} });
    given(...reopened)
      .when(appropriated('文1', 'ROAD', '1.00', '2024-03-10'))
      .thenRejected('PERIOD_CLOSED');
    given(...reopened)
      .when(appropriated('文1', 'ROAD', '1.00', '2024-01-10'))
      .thenRejected('PERIOD_CLOSED');
    const hand = new PoolInHand();
    for (const past of [closeMonth('2024-02', '2024-04-01'), request('2024-02'), approve('2024-02'), entry]) {
      hand.apply(past);
    }
    expect(hand.try(closeMonth('2024-02', '2024-04-01'))).toBe('DUPLICATE_DOCUMENT');
    expect(hand.try(closeMonth('2024-02', '2024-04-05', '月结-2024-02-再'))).toBeNull();
    expect(hand.try(appropriated('文2', 'ROAD', '1.00', '2024-02-10'))).toBe('PERIOD_CLOSED');
    expect(hand.pool.closedThrough).toBe('2024-02');
  });

  it('not what is not closed, and no month of a closed year before the year itself', () => {
    given(march).when(request('2024-04')).thenRejected('PERIOD_NOT_CLOSED');
    given().when(request('2024')).thenRejected('PERIOD_NOT_CLOSED');
    given(december, closeYear()).when(request('2024-03')).thenRejected('YEAR_CLOSED');
    const hand = new PoolInHand();
    for (const past of [december, closeYear(), request('2024'), approve('2024')]) hand.apply(past);
    expect(hand.try(appropriated('文1', 'ROAD', '1.00', '2024-12-31'))).toBe('PERIOD_CLOSED');
    expect(hand.try(closeYear())).toBe('DUPLICATE_DOCUMENT');
    for (const next of [request('2024-12', '反批2'), approve('2024-12', '反批2')]) hand.apply(next);
    expect(hand.try(closeYear('年结2'))).toBe('MONTHS_OPEN');
    expect(hand.try(closeMonth('2024-12', '2024-12-31', '月结-2024-12-再'))).toBeNull();
    expect(hand.try(closeYear('年结2'))).toBeNull();
  });

  it('a number asks once: again on another date, for another month or after another request it is refused', () => {
    const dated = (approvalNo: string, effectiveOn: string, period = '2024-03'): Command =>
      command('RequestReopening', { effectiveOn, approvalNo, period, requestedBy: '张三', reason: '漏记一笔' });
    const asked = [march, dated('反32', '2024-05-11'), dated('反65', '2024-10-13')];
    given(...asked)
      .when(dated('反32', '2024-04-05'))
      .thenRejected('DUPLICATE_DOCUMENT', { documentNo: '反32', on: '2024-05-11' });
    given(...asked)
      .when(dated('反32', '2024-05-11', '2024-02'))
      .thenRejected('DUPLICATE_DOCUMENT', { on: '2024-05-11' });
    given(...asked)
      .when(dated('反32', '2024-05-11'))
      .thenNothing();
  });

  it('done twice, is done once', () => {
    given(march, request('2024-03')).when(request('2024-03')).thenNothing();
    given(march, request('2024-03'), approve('2024-03')).when(approve('2024-03')).thenNothing();
  });
});

describe('closing a year 年度关账', () => {
  const carried = command('CarryOverFunds', { effectiveOn: '2024-12-31', carryOverNo: '结1', toFiscalYear: 2025 });

  it('in its order: payments finished, the rest carried over, taken in, the months closed', () => {
    const hand = new PoolInHand();
    for (const past of [...road, allocated('ROAD-1', '文1', 'ROAD', '600.00')]) hand.apply(past);
    hand.apply(requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '1.00')));
    expect(hand.try(closeYear('年结', '2024-12-30'))).toBe('PERIOD_NOT_OVER');
    expect(hand.try(closeYear())).toBe('PAYMENTS_PENDING');
    hand.apply(command('CancelPayment', { effectiveOn: '2024-12-01', voucherNo: '支1', reason: '撤' }));
    expect(hand.try(closeYear())).toBe('YEAR_NOT_EMPTY');
    hand.apply(carried);
    hand.notTakenIn = ['结1'];
    expect(hand.try(closeYear())).toBe('NOT_TAKEN_IN_YET');
    hand.notTakenIn = [];
    expect(hand.try(closeYear())).toBe('MONTHS_OPEN');
    hand.apply(closeMonth('2024-11', '2024-12-05'));
    expect(hand.try(closeYear())).toBe('MONTHS_OPEN');
    hand.apply(december);
    expect(hand.try(closeYear())).toBeNull();
    expect(hand.try(appropriated('文2', 'ROAD', '1.00', '2025-01-05'))).toBe('YEAR_CLOSED');
    expect(hand.try(closeMonth('2025-01', '2025-02-01'))).toBe('YEAR_CLOSED');
  });

  it('says how much is left', () =>
    given(...road)
      .when(closeYear())
      .thenRejected('YEAR_NOT_EMPTY', { left: '1000.00' }));

  it('not while a month is open again', () =>
    given(december, request('2024-05'), approve('2024-05'))
      .when(closeYear())
      .thenRejected('MONTHS_OPEN', { reopened: ['2024-05'] }));
});
