import type { PoolEvent } from '../../pool/pool-event';
import { POOL_EVENT_WORDS } from '../../pool/pool-event-words';
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
  ...POOL_EVENT_WORDS,
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
