import fc from 'fast-check';

import { type EndOfLog, FAR_BYTES, LogEnd, type SearchedLog } from '../../../src/event-log/eventstoredb/log-end';

/** A third of what is far, so that three of them are. */
const RECORD_BYTES = Math.ceil(FAR_BYTES / 3);
const PAGE = 3;

/** A server as far as the ledger's end is looked for on it: records at positions, some of them the ledger's. */
class World implements SearchedLog {
  records: boolean[] = [];
  /** What lies behind the records of an older backup has other lengths. */
  shift = 0;
  onRecord: { readonly end: EndOfLog; readonly at: number } | null = null;

  get end(): number {
    const last = this.records.lastIndexOf(true);
    return last < 0 ? 0 : this.#position(last);
  }

  restore(records: number): void {
    if (records >= this.records.length) return;
    this.records = this.records.slice(0, records);
    if (this.onRecord !== null && this.onRecord.at > records) this.onRecord = null;
    this.shift += 1;
  }

  newest = async () => {
    const last = this.records.length - 1;
    return last < 0 ? null : { position: this.#position(last), isOfLedger: this.records[last] === true };
  };

  lastFrom = async (position: number) => {
    const from = this.#index(position);
    if (from < 0) return 'many';
    const found = this.records.flatMap((isOurs, index) => (isOurs && index >= from ? [this.#position(index)] : []));
    return found.length >= PAGE ? 'many' : (found.at(-1) ?? 'none');
  };

  lastOfAll = async () => this.end;

  isEvent = async (position: number) => this.records[this.#index(position)] === true;

  recorded = async () => this.onRecord?.end ?? null;

  record = (end: EndOfLog): void => {
    this.onRecord = { end, at: this.records.length };
  };

  #position(index: number): number {
    return (index + 1) * RECORD_BYTES + this.shift;
  }

  #index(position: number): number {
    return this.records.findIndex((_, index) => this.#position(index) === position);
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('ours' as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('others' as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant('find' as const), node: fc.nat({ max: 2 }) }),
    fc.record({ kind: fc.constant('begin anew' as const), node: fc.nat({ max: 2 }) }),
    fc.record({ kind: fc.constant('restore' as const), count: fc.nat({ max: 30 }) }),
  ),
  { maxLength: 30 },
);

describe('the end of the log', () => {
  it('is found by every node after whatever was written and restored', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const world = new World();
        const nodes = Array.from({ length: 3 }, () => new LogEnd(world));
        for (const step of drawn) {
          if (step.kind === 'ours' || step.kind === 'others') {
            world.records.push(...Array.from({ length: step.count }, () => step.kind === 'ours'));
          } else if (step.kind === 'restore') world.restore(step.count);
          else if (step.kind === 'begin anew') nodes[step.node] = new LogEnd(world);
          else expect((await nodes[step.node]?.find())?.event).toBe(world.end);
        }
        for (const node of nodes) expect((await node.find()).event).toBe(world.end);
      }),
      { numRuns: 2000, seed: 24_06 },
    );
  });

  it('is on record as soon as much of others’ lies behind it, and again only when much more does', async () => {
    const world = new World();
    const log = new LogEnd(world);
    world.records.push(true);
    const recorded: number[] = [];
    for (let others = 1; others <= 12; others += 1) {
      world.records.push(false);
      const before = world.onRecord;
      await log.find();
      if (world.onRecord !== before) recorded.push(others);
    }
    expect(recorded).toEqual([3, 6, 9, 12]);
  });
});
