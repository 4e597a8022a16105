import { fund, OTHER_VILLAGE, registerWorld, Service, VILLAGE } from './support/service';

const PROJECT = {
  projectCode: 'P-1',
  projectName: '供水工程',
  division: '630222000000',
  purposeCode: 'GSBZ',
  places: [VILLAGE, OTHER_VILLAGE],
  enteredOn: '2023-11-20',
};
const CHANNEL = {
  channelCode: 'SL',
  name: '水利发展资金',
  departmentCode: 'SLT',
  level: '省',
  kind: '行业',
  allowedPurposes: ['GSBZ'],
};

describe('changes of registers over HTTP', () => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start();
    await registerWorld(service);
    await fund(service, '1000.00');
  });
  afterAll(() => service.close());

  it.each([
    ['projects', { ...PROJECT, purposeCode: 'CUNLU' }, 'purposeCode'],
    ['projects', { ...PROJECT, places: [OTHER_VILLAGE] }, 'places'],
    ['channels', { ...CHANNEL, allowedPurposes: ['CUNLU'] }, 'allowedPurposes'],
    ['channels', { ...CHANNEL, cashRequired: true }, 'cashRequired'],
    ['divisions', { divisionCode: VILLAGE, name: '史纳村', validTo: '2024-01-31' }, 'validTo'],
  ])('POST /%s refuses what money leans on, and stores nothing (%#)', async (path, body, field) => {
    const before = await service.ledger.log.head();
    const answer = await service.post(path, body);
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'REGISTER_IN_USE', parameters: { field, money: [{ amount: '1000.00' }] } },
    });
    expect(await service.ledger.log.head()).toBe(before);
  });

  it('tells in trace, history and comparison what was changed about a project and a channel', async () => {
    await service.ledger.catchUp();
    const before = String(await service.ledger.log.head());
    await service.stored('projects', { ...PROJECT, projectName: '东部供水工程' });
    await service.stored('channels', { ...CHANNEL, allowedPurposes: [] });
    await service.ledger.catchUp();
    const after = String(await service.ledger.log.head());
    const ofProject = { ledger: 'projects', key: 'P-1', field: 'projectName', from: '供水工程', to: '东部供水工程' };
    const ofChannel = { ledger: 'channels', key: 'SL', field: 'allowedPurposes', from: 'GSBZ', to: null };
    const changesAt = async (address: string): Promise<unknown> => (await service.get(address)).body['registerChanges'];
    expect(await changesAt('trace/P-1?kind=project')).toMatchObject([
      { ...ofProject, type: 'ProjectChanged', stream: 'project-P-1' },
      { ...ofChannel, type: 'ChannelChanged' },
    ]);
    expect(await changesAt('history?by=project&key=P-1')).toMatchObject([ofProject]);
    expect(await changesAt('history?by=channel&key=SL')).toMatchObject([ofChannel]);
    expect(await changesAt('history?by=village&key=630222103200')).toBeUndefined();
    expect(await changesAt(`diff?by=project&from=${before}&to=${after}`)).toMatchObject([ofProject]);
    expect(await changesAt(`diff?by=channel&from=${before}&to=${after}`)).toMatchObject([ofChannel]);
    expect(await changesAt(`history?by=project&key=P-1&at=${before}`)).toBeUndefined();
  });
});
