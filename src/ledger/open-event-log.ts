import type { EventLog } from '../event-log/event-log';
import { DomainError } from '../platform/domain-error';

/**
 * Opens the log that a setting names: `sqlite:<file>`, `memory:` or `esdb://…`. Engines are loaded when they are
 * asked for, because a command line tool is started hundreds of times.
 */
export const openEventLog = async (setting: string): Promise<EventLog> => {
  if (setting.startsWith('sqlite:')) {
    const { SqliteEventLog } = await import('../event-log/sqlite/sqlite-event-log');
    return new SqliteEventLog({ file: setting.slice('sqlite:'.length) });
  }
  if (setting === 'memory:') {
    const { MemoryEventLog } = await import('../event-log/memory/memory-event-log');
    return new MemoryEventLog();
  }
  if (/^esdb(\+discover)?:/.test(setting)) {
    const { openEventStoreDb } = await import('../event-log/eventstoredb/open-eventstoredb');
    return openEventStoreDb(setting);
  }
  throw new DomainError('input', {
    code: 'EVENT_LOG_NOT_SUPPORTED',
    message: `不支持事件日志 ${setting.split(':')[0]}:。`,
    messageEn: `The event log ${setting.split(':')[0]}: is not supported.`,
    remedy: '将 YICHI_EVENT_LOG 设为 sqlite:<文件> 或 esdb://…。',
    remedyEn: 'Set YICHI_EVENT_LOG to sqlite:<file> or esdb://….',
    parameters: { setting: setting.split(':')[0] },
  });
};
