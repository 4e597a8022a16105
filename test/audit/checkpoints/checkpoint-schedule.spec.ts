import { CheckpointSchedule } from '../../../src/audit/checkpoints/checkpoint-schedule';
import { SealedLog } from './sealed-log';

const scheduleOf = (
  sealed: SealedLog,
  overrides: Partial<ConstructorParameters<typeof CheckpointSchedule>[0]> = {},
) => {
  const state = { seconds: 0, made: [] as number[], failures: [] as unknown[] };
  const schedule = new CheckpointSchedule({
    desk: sealed.desk,
    tree: sealed.log.tree,
    events: 100,
    seconds: 300,
    clock: () => state.seconds * 1000,
    onMade: ({ size }) => state.made.push(size),
    onFailure: (error) => state.failures.push(error),
    ...overrides,
  });
  return { schedule, state };
};

describe('checkpoints while the service runs', () => {
  it('are made after so many events, or after so long with any', async () => {
    const sealed = new SealedLog();
    const { schedule, state } = scheduleOf(sealed);
    await sealed.grow(99);
    await schedule.look();
    expect(state.made).toEqual([]);
    await sealed.grow(100);
    await schedule.look();
    expect(state.made).toEqual([100]);
    state.seconds = 299;
    await sealed.grow(101);
    await schedule.look();
    expect(state.made).toEqual([100]);
    state.seconds = 300;
    await schedule.look();
    expect(state.made).toEqual([100, 101]);
    state.seconds = 10_000;
    await schedule.look();
    expect(state.made).toEqual([100, 101]);
    await schedule.stop();
  });

  it('are tried again after a failure, not every second', async () => {
    const sealed = new SealedLog();
    let working = false;
    const make = () => (working ? sealed.desk.make() : Promise.reject(new Error('no disk')));
    const { schedule, state } = scheduleOf(sealed, { desk: { latest: () => sealed.desk.latest(), make } });
    await sealed.grow(500);
    for (state.seconds of [0, 1, 299]) await schedule.look();
    expect(state.failures).toHaveLength(1);
    working = true;
    state.seconds = 300;
    await schedule.look();
    expect(state.made).toEqual([500]);
    await schedule.stop();
  });

  it('go on from the last one that was kept', async () => {
    const sealed = new SealedLog();
    await sealed.grow(150);
    await sealed.desk.make();
    const { schedule, state } = scheduleOf(sealed);
    await schedule.look();
    expect(state.made).toEqual([]);
    await schedule.stop();
  });

  it('stop with the service, after the one that is being made', async () => {
    const sealed = new SealedLog();
    await sealed.grow(500);
    const { schedule, state } = scheduleOf(sealed);
    void schedule.look();
    await schedule.stop();
    expect(state.made).toEqual([500]);
  });

  it('need nobody to ask for them', async () => {
    const sealed = new SealedLog();
    await sealed.grow(500);
    await new Promise<void>((resolve) => {
      const { schedule } = scheduleOf(sealed, { seconds: 0.01, onMade: () => void schedule.stop().then(resolve) });
    });
    expect((await sealed.desk.latest())?.size).toBe(500);
  });
});
