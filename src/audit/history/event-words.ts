import type { PoolEvent } from '../../pool/pool-event';
import type { ProjectEvent } from '../../project-library/project';
import type { Language } from '../../platform/settings';
import type { ChannelEvent } from '../../registry/channels/channels';
import type { DepartmentEvent } from '../../registry/departments/departments';
import type { DivisionEvent } from '../../registry/divisions/divisions';
import type { PurposeEvent } from '../../registry/purposes/purposes';
import type { BookmarkEvent } from '../bookmarks/bookmark';
import type { ProjectionKept } from '../provenance/kept-projection';
import type { SnapshotTaken } from '../provenance/snapshot';

/** Every event that a ledger stores; what the compiler misses here has no words below. */
type StoredEventType = (
  | PoolEvent
  | ProjectEvent
  | DivisionEvent
  | DepartmentEvent
  | ChannelEvent
  | PurposeEvent
  | BookmarkEvent
  | SnapshotTaken
  | ProjectionKept
)['type'];

export type EventWords = Readonly<Record<Language, string>>;

/**
 * What people call each type of event: in tables, in messages and in the report of an evidence bundle. Programs read the
 * type itself. Each has words of its own, so that a table tells two types apart.
 */
export const EVENT_WORDS: Readonly<Record<StoredEventType, EventWords>> = {
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
  YearClosed: { zh: '年结', en: 'Year closed' },
  ReopeningRequested: { zh: '申请反结账', en: 'Reopening requested' },
  PeriodReopened: { zh: '反结账', en: 'Period reopened' },
  ClosedPeriodAdjusted: { zh: '结账后调整', en: 'Adjustment after closing' },
  ProjectRegistered: { zh: '项目登记', en: 'Project registered' },
  ProjectChanged: { zh: '项目变更', en: 'Project changed' },
  ProjectEnteredLibrary: { zh: '项目入库', en: 'Project entered' },
  ProjectStarted: { zh: '项目开工', en: 'Project started' },
  ProjectCompleted: { zh: '项目竣工', en: 'Project completed' },
  ProjectAccepted: { zh: '项目验收', en: 'Project accepted' },
  ProjectExitedLibrary: { zh: '项目出库', en: 'Project exited' },
  DivisionRegistered: { zh: '区划登记', en: 'Division registered' },
  DivisionChanged: { zh: '区划变更', en: 'Division changed' },
  DepartmentRegistered: { zh: '部门登记', en: 'Department registered' },
  DepartmentChanged: { zh: '部门变更', en: 'Department changed' },
  ChannelRegistered: { zh: '渠道登记', en: 'Channel registered' },
  ChannelChanged: { zh: '渠道变更', en: 'Channel changed' },
  PurposeRegistered: { zh: '用途登记', en: 'Purpose registered' },
  PurposeChanged: { zh: '用途变更', en: 'Purpose changed' },
  BookmarkSet: { zh: '时点书签', en: 'Bookmark' },
  SnapshotTaken: { zh: '评估快照', en: 'Snapshot' },
  ProjectionKept: { zh: '投影存档', en: 'Projection kept' },
};

const BY_TYPE: ReadonlyMap<string, EventWords> = new Map(Object.entries(EVENT_WORDS));

/** A type that a newer program wrote is shown as it is. */
export const eventWords = (type: string, language: Language): string => BY_TYPE.get(type)?.[language] ?? type;
