import type { PoolEvent } from './pool-event';

/** What people call each event of a pool; every type has words of its own. */
export const POOL_EVENT_WORDS: Readonly<Record<PoolEvent['type'], { readonly zh: string; readonly en: string }>> = {
  FundsAppropriated: { zh: '指标下达', en: 'Appropriation' },
  CashReceived: { zh: '资金到位', en: 'Cash received' },
  FundsIntegrated: { zh: '整合入池', en: 'Integration' },
  TransferIssued: { zh: '分解下达', en: 'Transfer issued' },
  TransferReceived: { zh: '接收下达', en: 'Transfer received' },
  TakingDeclined: { zh: '不予接收', en: 'Taking declined' },
  FundsAllocated: { zh: '资金安排', en: 'Allocation' },
  FundsReallocated: { zh: '资金调剂', en: 'Reallocation' },
  FundsRepurposed: { zh: '用途调整', en: 'Repurposing' },
  PaymentRequested: { zh: '支付申请', en: 'Payment requested' },
  PaymentApproved: { zh: '支付审批', en: 'Payment approved' },
  PaymentExecuted: { zh: '支付', en: 'Payment' },
  PaymentReturned: { zh: '支付退回', en: 'Payment returned' },
  PaymentCancelled: { zh: '支付撤销', en: 'Payment cancelled' },
  FundsRecalled: { zh: '资金收回', en: 'Recall' },
  FundsCarriedOver: { zh: '年终结转', en: 'Carry-over' },
  CarryOverReceived: { zh: '结转转入', en: 'Carry-over received' },
  EntryReversed: { zh: '红字冲销', en: 'Reversal' },
  MonthClosed: { zh: '月结', en: 'Month closed' },
  YearClosed: { zh: '年度关账', en: 'Year closed' },
  ReopeningRequested: { zh: '申请反结账', en: 'Reopening requested' },
  PeriodReopened: { zh: '反结账', en: 'Period reopened' },
  ClosedPeriodAdjusted: { zh: '结账后调整', en: 'Adjustment after closing' },
};
