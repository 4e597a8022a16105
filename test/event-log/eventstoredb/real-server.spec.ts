import { randomUUID } from 'node:crypto';

import { EventStoreDbEventLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { describeEventLog } from '../event-log.contract';
import { QUICK } from './quick';

const url = process.env['YICHI_TEST_EVENTSTOREDB'] ?? '';

describeEventLog('eventstoredb (real)', {
  open: async () => new EventStoreDbEventLog(url, { ...QUICK, namespace: `t${randomUUID().replaceAll('-', '')}` }),
  atomicUnits: false,
  idsUniqueAcrossStreams: false,
  comparesContent: true,
});
