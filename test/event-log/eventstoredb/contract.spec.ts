import { describeOnServers, newNamespace, type TestServer } from '../../support/eventstoredb/servers';
import { describeEventLog } from '../event-log.contract';

describeOnServers('the contract of the event log', (start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  describeEventLog('eventstoredb', {
    open: async () => server.open(newNamespace()),
    atomicUnits: false,
    idsUniqueAcrossStreams: false,
    comparesContent: true,
  });
});
