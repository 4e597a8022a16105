import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { describeEventLog } from './event-log.contract';

describeEventLog('memory', {
  open: async () => {
    const log = new MemoryEventLog();
    return [log, log];
  },
  atomicUnits: true,
  idsUniqueAcrossStreams: true,
  comparesContent: true,
  keepsTree: true,
});
