import { EventStoreDbEventLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { StandInServer } from '../../support/eventstoredb/stand-in-server';
import { describeEventLog } from '../event-log.contract';
import { QUICK } from './quick';

let server: StandInServer;
beforeAll(async () => {
  server = await StandInServer.start();
});
afterAll(() => server.stop());

describeEventLog('eventstoredb (stand-in)', {
  open: async () => new EventStoreDbEventLog(server.connectionString, QUICK),
  atomicUnits: false,
  idsUniqueAcrossStreams: false,
  comparesContent: true,
});
