import { describeOnServers, newNamespace, type TestServer } from '../../support/eventstoredb/servers';
import { describeEventLog } from '../event-log.contract';

describeOnServers('the contract of the event log', (start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  describeEventLog('eventstoredb', {
    open: async () => {
      const namespace = newNamespace();
      return [server.open(namespace), server.open(namespace)];
    },
    atomicUnits: false,
    idsUniqueAcrossStreams: false,
    comparesContent: true,
  });
});
