import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { describeEventLog } from './event-log.contract';

describeEventLog('memory', {
  open: async () => new MemoryEventLog(),
  atomicUnits: true,
  idsUniqueAcrossStreams: true,
  comparesContent: true,
  keepsTree: true,
});
