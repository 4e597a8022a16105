import { randomUUID } from 'node:crypto';

import { canonicalJson } from '../../src/event-log/canonical-json';
import type { LedgerEvent, Position, StoredEvent } from '../../src/event-log/event';
import { EventIdConflict, type EventLog, FactsMoved, NO_STREAM, RevisionConflict } from '../../src/event-log/event-log';
import { rootAt } from '../../src/event-log/tree/tree-store';
import { tileWidth } from '../../src/event-log/tree/tiles';
import { sampleEvent, sampleEvents } from './sample-event';
import { naiveRoot } from './tree/naive-tree';
import { everyLeaf, expectTreeOfEvents } from './tree-of-events';

/** What an adapter's spec says about its engine. */
export interface ContractSubject {
  /**
   * A log that holds nothing, or nothing that the suite could trip over, and the same as another program has it open;
   * closed by the suite. Where one object is all that there is, it is both.
   */
  readonly open: () => Promise<readonly [log: EventLog, others: EventLog]>;
  /** Units over many streams are all or nothing. */
  readonly atomicUnits: boolean;
  /** An id that another stream holds is recognised. */
  readonly idsUniqueAcrossStreams: boolean;
  /** The same ids with another content are no repeat. */
  readonly comparesContent: boolean;
  /** The log keeps the Merkle tree of its events itself. */
  readonly keepsTree?: boolean;
}

const whenSupported = (supported: boolean): jest.It => (supported ? it : it.skip);

/** The promises of the EventLog port, for any adapter. Positions need only grow here; stream names are never reused. */
export const describeEventLog = (name: string, subject: ContractSubject): void =>
  describe(`event log on ${name}`, () => {
    let log: EventLog;
    let others: EventLog;
    let start: Position;
    const newStream = (category = 'contract'): string => `${category}-${randomUUID()}`;

    beforeEach(async () => {
      [log, others] = await subject.open();
      start = await log.head();
    });
    afterEach(async () => {
      await log.close();
      if (others !== log) await others.close();
    });

    const appendSome = async (stream: string, count: number, from = 0): Promise<readonly LedgerEvent[]> => {
      const events = sampleEvents(stream, from, count);
      await log.append({ stream, expectedRevision: from - 1, events });
      return events;
    };
    const readEverything = (): Promise<readonly StoredEvent[]> => log.readAll(start, 10_000);

    describe('append', () => {
      it('stores events under the next revisions and answers their growing positions', async () => {
        const stream = newStream();
        const first = await log.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 0, 3) });
        expect(first.revision).toBe(2);
        expect(first.positions).toHaveLength(3);
        const second = await log.append({ stream, expectedRevision: 2, events: sampleEvents(stream, 3, 1) });
        expect(second.revision).toBe(3);
        const positions = [...first.positions, ...second.positions];
        expect([...positions].sort((left, right) => left - right)).toEqual(positions);
        expect(new Set(positions).size).toBe(4);
        expect(await log.head()).toBe(second.positions[0]);
      });

      it('keeps the canonical bytes of the event', async () => {
        const stream = newStream();
        const event = sampleEvent(stream, 0, {
          data: {
            备注: '“引号”\\ \u2028 \u0007 \n',
            z: [1, 1.5, -0, 1e21, true, null],
            a: { b: undefined, ä: '𠮷田村' },
          },
          metadata: { policy: '资金用途不变' },
          causationId: randomUUID(),
        });
        await log.append({ stream, expectedRevision: NO_STREAM, events: [event] });
        const [stored] = await log.readStream(stream, 0, 10);
        expect(stored?.canonical).toBe(canonicalJson(event));
        expect(stored).toMatchObject({ stream, revision: 0 });
      });

      it('takes an event in its canonical form as it is', async () => {
        const stream = newStream();
        const event = sampleEvent(stream, 0);
        await log.append({
          stream,
          expectedRevision: NO_STREAM,
          events: [{ id: event.id, canonical: canonicalJson(event) }],
        });
        expect((await log.readStream(stream, 0, 1))[0]?.canonical).toBe(canonicalJson(event));
      });

      it('keeps a large event whole', async () => {
        const stream = newStream();
        const remark = '乡村建设'.repeat(75_000);
        const event = sampleEvent(stream, 0, { data: { remark } });
        await log.append({ stream, expectedRevision: NO_STREAM, events: [event] });
        const [stored] = await log.readStream(stream, 0, 1);
        expect(JSON.parse(stored?.canonical ?? '{}')).toEqual(event);
      });

      it.each([
        ['the stream is not there', 0],
        ['the stream is further on', NO_STREAM],
        ['the stream is not so far yet', 7],
      ])('refuses another expected revision, because %s', async (_, expectedRevision) => {
        const stream = newStream();
        if (expectedRevision !== 0) await appendSome(stream, 2);
        const before = await log.head();
        const attempt = log.append({ stream, expectedRevision, events: sampleEvents(stream, expectedRevision + 1, 1) });
        await expect(attempt).rejects.toBeInstanceOf(RevisionConflict);
        await expect(attempt).rejects.toMatchObject({
          stream,
          expectedRevision,
          actualRevision: expectedRevision === 0 ? NO_STREAM : 1,
        });
        expect(await log.head()).toBe(before);
      });

      it('lets exactly one of two win that expect the same revision', async () => {
        const stream = newStream();
        const attempts = await Promise.allSettled(
          Array.from({ length: 8 }, () =>
            log.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 0, 2) }),
          ),
        );
        expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
        for (const attempt of attempts) {
          if (attempt.status === 'rejected') expect(attempt.reason).toBeInstanceOf(RevisionConflict);
        }
        expect(await log.readStream(stream, 0, 10)).toHaveLength(2);
      });

      it('judges appends that wait together each by itself', async () => {
        const [good, bad, other] = [newStream(), newStream(), newStream()];
        const [first, second, third] = await Promise.allSettled([
          log.append({ stream: good, expectedRevision: NO_STREAM, events: sampleEvents(good, 0, 1) }),
          log.append({ stream: bad, expectedRevision: 4, events: sampleEvents(bad, 5, 1) }),
          log.append({ stream: other, expectedRevision: NO_STREAM, events: sampleEvents(other, 0, 1) }),
        ]);
        expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(await log.readStream(bad, 0, 1)).toEqual([]);
        expect(await log.readStream(other, 0, 1)).toHaveLength(1);
      });

      it('is a defect without events, or with events of another stream or revision', async () => {
        const stream = newStream();
        const attempts = [
          log.append({ stream, expectedRevision: NO_STREAM, events: [] }),
          log.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents('contract-other', 0, 1) }),
          log.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 1, 1) }),
          log.append({ stream, expectedRevision: NO_STREAM, events: [sampleEvent(stream, 0, { id: 'not-a-uuid' })] }),
        ];
        for (const attempt of attempts) await expect(attempt).rejects.toThrow(Error);
        expect(await log.readStream(stream, 0, 1)).toEqual([]);
      });
    });

    describe('append that rests on other streams', () => {
      const byOthers = (stream: string, from: number): Promise<unknown> =>
        others.append({ stream, expectedRevision: from - 1, events: sampleEvents(stream, from, 1) });
      const resting = (stream: string, ...looked: readonly (readonly [stream: string, revision: number])[]) => ({
        stream,
        expectedRevision: NO_STREAM,
        events: sampleEvents(stream, 0, 2),
        restsOn: looked.map(([name, revision]) => ({ streams: [{ stream: name, revision }] })),
      });
      let [own, there, absent] = ['', '', ''];
      beforeEach(async () => {
        [own, there, absent] = [newStream(), newStream(), newStream()];
        await byOthers(there, 0);
      });

      it('is stored where they are as they were looked at, also where they were not there', async () => {
        expect(await log.append(resting(own, [there, 0], [absent, NO_STREAM]))).toMatchObject({ revision: 1 });
        expect(await log.append(resting(newStream()))).toMatchObject({ revision: 1 });
      });

      it('is not when others have moved one, and names it', async () => {
        // Known to be there, as any program knows the registers that it decides by.
        await log.append(resting(newStream(), [there, 0], [absent, NO_STREAM]));
        await byOthers(there, 1);
        const head = await log.head();
        const attempt = log.append(resting(own, [there, 0], [absent, NO_STREAM]));
        await expect(attempt).rejects.toBeInstanceOf(FactsMoved);
        await expect(attempt).rejects.toMatchObject({ moved: [{ stream: there, revision: 0, actualRevision: 1 }] });
        expect(await log.head()).toBe(head);
        expect(await log.append(resting(own, [there, 1]))).toMatchObject({ revision: 1 });
      });

      it('is not when others have begun one that was not there', async () => {
        await log.append(resting(newStream(), [absent, NO_STREAM]));
        await byOthers(absent, 0);
        await expect(log.append(resting(own, [there, 0], [absent, NO_STREAM]))).rejects.toMatchObject({
          moved: [{ stream: absent, revision: NO_STREAM, actualRevision: 0 }],
        });
        expect(await log.readStream(own, 0, 1)).toEqual([]);
      });

      it('is judged by itself, and its neighbours as well', async () => {
        await byOthers(there, 1);
        const [neighbour, other] = [newStream(), newStream()];
        const outcomes = await Promise.allSettled([
          log.append(resting(neighbour, [there, 1])),
          log.append(resting(own, [there, 0])),
          log.append(resting(other, [absent, NO_STREAM])),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      });

      it('tells first of all that its own stream is further on', async () => {
        await byOthers(there, 1);
        await byOthers(own, 0);
        const attempt = log.append(resting(own, [there, 0]));
        await expect(attempt).rejects.toThrow(Error);
        expect(await log.readStream(own, 0, 10)).toHaveLength(1);
      });

      whenSupported(subject.atomicUnits)('answers a repeat as the first time, whatever has moved since', async () => {
        const append = resting(own, [there, 0]);
        const first = await log.append(append);
        await byOthers(there, 1);
        expect(await log.append(append)).toEqual(first);
      });

      it('may rest on nothing else having been stored in some categories', async () => {
        const [named, elsewhere, other] = [newStream('pool'), newStream(), newStream('pool')];
        const after = await log.head();
        const asked = (stream: string, revision: number) => ({
          ...resting(stream),
          restsOn: [{ streams: [{ stream: named, revision }], nothingElse: { categories: ['pool'], after } }],
        });
        expect(await log.append(asked(newStream(), NO_STREAM))).toMatchObject({ revision: 1 });
        await byOthers(named, 0);
        await byOthers(elsewhere, 0);
        expect(await log.append(asked(newStream('pool'), 0))).toMatchObject({ revision: 1 });
        await expect(log.append(asked(own, 0))).rejects.toBeInstanceOf(FactsMoved);
        const later = await log.head();
        await byOthers(other, 0);
        const restsOn = [{ streams: [], nothingElse: { categories: ['pool'], after: later } }];
        await expect(log.append({ ...resting(own), restsOn })).rejects.toMatchObject({ moved: [{ stream: other }] });
        expect(await log.readStream(own, 0, 1)).toEqual([]);
      });

      it('is a defect where it rests on its own stream, or is part of a unit', async () => {
        await expect(log.append(resting(own, [own, NO_STREAM]))).rejects.toThrow('itself');
        await expect(log.appendTogether([resting(own, [there, 0])])).rejects.toThrow('unit');
      });
    });

    describe('repeat', () => {
      it('of the same events at the same revision answers as the first time', async () => {
        const stream = newStream();
        await appendSome(stream, 1);
        const append = { stream, expectedRevision: 0, events: sampleEvents(stream, 1, 3) };
        const first = await log.append(append);
        await appendSome(stream, 2, 4);
        const head = await log.head();
        expect(await log.append(append)).toEqual(first);
        expect(await log.head()).toBe(head);
      });

      it('of a part, of more, or of other events is refused', async () => {
        const stream = newStream();
        const events = sampleEvents(stream, 0, 3);
        await log.append({ stream, expectedRevision: NO_STREAM, events });
        const attempts = [
          log.append({ stream, expectedRevision: NO_STREAM, events: [...events, sampleEvent(stream, 3)] }),
          log.append({
            stream,
            expectedRevision: NO_STREAM,
            events: [...events.slice(0, 2), sampleEvent(stream, 2)],
          }),
          log.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 0, 3) }),
        ];
        for (const attempt of attempts) await expect(attempt).rejects.toBeInstanceOf(RevisionConflict);
        expect(await log.readStream(stream, 0, 10)).toHaveLength(3);
      });

      whenSupported(subject.comparesContent)('of the ids with another content is refused', async () => {
        const stream = newStream();
        const [first, second] = await appendSome(stream, 2);
        const other = [first, { ...second, data: { amount: '9.00' } }] as LedgerEvent[];
        await expect(log.append({ stream, expectedRevision: NO_STREAM, events: other })).rejects.toBeInstanceOf(
          RevisionConflict,
        );
      });

      whenSupported(subject.idsUniqueAcrossStreams)('of an id in another place is refused', async () => {
        const [stream, other] = [newStream(), newStream()];
        const [event] = await appendSome(stream, 1);
        const copy = sampleEvent(other, 0, { id: event?.id ?? '' });
        const [conflict, neighbour] = await Promise.allSettled([
          log.append({ stream: other, expectedRevision: NO_STREAM, events: [copy] }),
          log.append({ stream, expectedRevision: 0, events: sampleEvents(stream, 1, 1) }),
        ]);
        expect(conflict).toMatchObject({ status: 'rejected', reason: { name: 'EventIdConflict', eventId: event?.id } });
        expect(neighbour.status).toBe('fulfilled');
        const twice = sampleEvent(stream, 2);
        await expect(
          log.append({ stream, expectedRevision: 1, events: [twice, { ...twice, revision: 3 }] }),
        ).rejects.toBeInstanceOf(EventIdConflict);
        expect(await log.readStream(other, 0, 1)).toEqual([]);
      });
    });

    describe('reading', () => {
      it('reads a stream in pages, in order, and nothing beyond its end', async () => {
        const stream = newStream();
        const events = await appendSome(stream, 7);
        await appendSome(newStream(), 3);
        const pages = [
          await log.readStream(stream, 0, 3),
          await log.readStream(stream, 3, 3),
          await log.readStream(stream, 6, 3),
        ];
        expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
        expect(pages.flat().map((stored) => stored.canonical)).toEqual(events.map(canonicalJson));
        expect(pages.flat().map((stored) => stored.revision)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        expect(await log.readStream(stream, 7, 3)).toEqual([]);
        expect(await log.readStream(newStream(), 0, 3)).toEqual([]);
      });

      it('reads everything in pages, in the order of the positions', async () => {
        const [left, right] = [newStream(), newStream()];
        const expected: string[] = [];
        for (let index = 0; index < 5; index += 1) {
          expected.push(...(await appendSome(left, 1, index)).map(canonicalJson));
          expected.push(...(await appendSome(right, 1, index)).map(canonicalJson));
        }
        const seen: StoredEvent[] = [];
        for (;;) {
          const page = await log.readAll(seen.at(-1)?.position ?? start, 3);
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(3);
          seen.push(...page);
        }
        expect(seen.map((stored) => stored.canonical)).toEqual(expected);
        expect(seen.at(-1)?.position).toBe(await log.head());
      });
    });

    describe('appendTogether', () => {
      it('stores many streams in the order asked for', async () => {
        const [left, right] = [newStream(), newStream()];
        const lefts = sampleEvents(left, 0, 2);
        const rights = sampleEvents(right, 0, 2);
        const answers = await log.appendTogether(
          [
            { stream: left, expectedRevision: NO_STREAM, events: lefts },
            { stream: right, expectedRevision: NO_STREAM, events: rights },
          ],
          [
            [1, 0],
            [0, 0],
            [1, 1],
            [0, 1],
          ],
        );
        const everything = await readEverything();
        if (subject.atomicUnits) {
          const asked = [rights[0], lefts[0], rights[1], lefts[1]];
          expect(everything.map((stored) => stored.canonical)).toEqual(asked.map(canonicalJson));
        }
        const positionsOf = (stream: string): readonly Position[] =>
          everything.filter((stored) => stored.stream === stream).map((stored) => stored.position);
        expect(answers).toEqual([
          { revision: 1, positions: positionsOf(left) },
          { revision: 1, positions: positionsOf(right) },
        ]);
      });

      it('stores append after append when no order is given, and nothing for nothing', async () => {
        const [left, right] = [newStream(), newStream()];
        await log.appendTogether([
          { stream: left, expectedRevision: NO_STREAM, events: sampleEvents(left, 0, 2) },
          { stream: right, expectedRevision: NO_STREAM, events: sampleEvents(right, 0, 1) },
        ]);
        expect((await readEverything()).map((stored) => stored.stream)).toEqual([left, left, right]);
        expect(await log.appendTogether([])).toEqual([]);
      });

      whenSupported(subject.atomicUnits)('stores nothing when one stream is elsewhere', async () => {
        const [left, right] = [newStream(), newStream()];
        await appendSome(right, 1);
        const before = await log.head();
        await expect(
          log.appendTogether([
            { stream: left, expectedRevision: NO_STREAM, events: sampleEvents(left, 0, 1) },
            { stream: right, expectedRevision: NO_STREAM, events: sampleEvents(right, 0, 1) },
          ]),
        ).rejects.toBeInstanceOf(RevisionConflict);
        expect(await log.head()).toBe(before);
        expect(await log.readStream(left, 0, 1)).toEqual([]);
      });

      whenSupported(subject.atomicUnits)('only asks where a stream is that it has no event for', async () => {
        const [written, there, absent] = [newStream(), newStream(), newStream()];
        await appendSome(there, 1);
        const asks = [
          { stream: there, expectedRevision: 0, events: [] },
          { stream: absent, expectedRevision: NO_STREAM, events: [] },
        ];
        const unit = [{ stream: written, expectedRevision: NO_STREAM, events: sampleEvents(written, 0, 2) }, ...asks];
        const first = await log.appendTogether(unit);
        expect(first.map(({ revision }) => revision)).toEqual([1, 0, NO_STREAM]);
        await appendSome(there, 1, 1);
        await appendSome(absent, 1);
        const head = await log.head();
        const next = { stream: written, expectedRevision: 1, events: sampleEvents(written, 2, 1) };
        for (const ask of asks) {
          await expect(log.appendTogether([next, ask])).rejects.toMatchObject({ stream: ask.stream });
          await expect(log.appendTogether([ask, next])).rejects.toBeInstanceOf(RevisionConflict);
        }
        expect(await log.appendTogether(unit)).toEqual(first);
        await expect(log.appendTogether(asks)).rejects.toThrow('without events');
        expect(await log.head()).toBe(head);
      });

      whenSupported(subject.atomicUnits)(
        'repeated answers as the first time; repeated in part it is refused',
        async () => {
          const [left, right, more] = [newStream(), newStream(), newStream()];
          const unit = [
            { stream: left, expectedRevision: NO_STREAM, events: sampleEvents(left, 0, 2) },
            { stream: right, expectedRevision: NO_STREAM, events: sampleEvents(right, 0, 1) },
          ];
          const first = await log.appendTogether(unit);
          expect(await log.appendTogether(unit)).toEqual(first);
          await expect(
            log.appendTogether([
              ...unit,
              { stream: more, expectedRevision: NO_STREAM, events: sampleEvents(more, 0, 1) },
            ]),
          ).rejects.toBeInstanceOf(RevisionConflict);
          expect(await log.readStream(more, 0, 1)).toEqual([]);
        },
      );

      it('is a defect with a stream named twice or an order that is not one', async () => {
        const stream = newStream();
        const append = { stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 0, 2) };
        const attempts = [
          log.appendTogether([append, append]),
          log.appendTogether([append], [[0, 0]]),
          log.appendTogether(
            [append],
            [
              [0, 1],
              [0, 0],
            ],
          ),
        ];
        for (const attempt of attempts) await expect(attempt).rejects.toThrow(Error);
        expect(await log.readStream(stream, 0, 1)).toEqual([]);
      });
    });

    (subject.keepsTree === true ? describe : describe.skip)('tree', () => {
      it('is over the stored bytes in their order, through appends of every kind', async () => {
        const [left, right] = [newStream(), newStream()];
        await expectTreeOfEvents(log);
        await appendSome(left, 3);
        await expectTreeOfEvents(log);
        await log.append({
          stream: left,
          expectedRevision: 2,
          events: [sampleEvent(left, 3, { data: { 备注: '“引号” 𠮷田村 \u0007', 金额: ['1.00'] } })],
        });
        await log.appendTogether(
          [
            { stream: left, expectedRevision: 3, events: sampleEvents(left, 4, 2) },
            { stream: right, expectedRevision: NO_STREAM, events: sampleEvents(right, 0, 2) },
          ],
          [
            [1, 0],
            [0, 0],
            [1, 1],
            [0, 1],
          ],
        );
        await expectTreeOfEvents(log);
      });

      it('grows by what was stored and not by what was refused or repeated', async () => {
        const [stream, other] = [newStream(), newStream()];
        const [event] = await appendSome(stream, 2);
        const copy = sampleEvent(other, 0, { id: event?.id ?? '' });
        const again = { stream, expectedRevision: 1, events: sampleEvents(stream, 2, 2) };
        await Promise.allSettled([
          log.append(again),
          log.append(again),
          log.append({ stream: other, expectedRevision: 7, events: sampleEvents(other, 8, 1) }),
          log.append({ stream: other, expectedRevision: NO_STREAM, events: [copy] }),
          appendSome(newStream(), 1),
        ]);
        await log.append(again);
        await expectTreeOfEvents(log);
      });

      it('fills tiles, also with commits that lie across their edges, and gives them whole or in part', async () => {
        const stream = newStream();
        for (const [from, count] of [
          [0, 200],
          [200, 1],
          [201, 700],
        ] as const) {
          await appendSome(stream, count, from);
        }
        const { tree, size, hashes } = await expectTreeOfEvents(log);
        expect(Buffer.from(await tree.readTile({ level: 0, index: 0, width: 256 }))).toEqual(
          Buffer.concat(hashes.slice(0, 256)),
        );
        expect(Buffer.from(await tree.readTile({ level: 0, index: 0, width: 201 }))).toEqual(
          Buffer.concat(hashes.slice(0, 201)),
        );
        expect(Buffer.from(await tree.readTile({ level: 0, index: 1, width: 1 }))).toEqual(hashes[256]);
        const width = tileWidth(size, 1, 0);
        expect(width).toBeGreaterThanOrEqual(3);
        const firstTile = naiveRoot((await everyLeaf(tree)).slice(0, 256).map((leaf) => leaf.bytes));
        const upper = Buffer.from(await tree.readTile({ level: 1, index: 0, width }));
        expect(upper.subarray(0, 32)).toEqual(firstTile);
        for (const tile of [
          { level: 0, index: 0, width: 257 },
          { level: 0, index: 0, width: 0 },
          { level: 0, index: Math.floor(size / 256), width: (size % 256) + 1 },
          { level: 0, index: Math.floor(size / 256) + 1, width: 1 },
          { level: 1, index: 0, width: width + 1 },
          { level: 2, index: 0, width: 1 },
        ]) {
          await expect(tree.readTile(tile)).rejects.toBeInstanceOf(RangeError);
        }
        for (const earlier of [0, 1, 200, 256, 257, 512, size - 1]) {
          const leaves = (await everyLeaf(tree)).slice(0, earlier).map((leaf) => leaf.bytes);
          expect(await rootAt(tree, earlier)).toEqual(naiveRoot(leaves));
        }
      });

      it('knows the way from a leaf to its event and back', async () => {
        const stream = newStream();
        const events = await appendSome(stream, 3);
        const { tree, size } = await expectTreeOfEvents(log);
        const [stored] = await log.readStream(stream, 1, 1);
        const leaf = await tree.leafAt(stored?.position ?? 0);
        expect(leaf).toBe(size - 2);
        expect(await tree.readLeaves(leaf ?? 0, 1)).toEqual([
          {
            position: stored?.position,
            bytes: Buffer.from(canonicalJson(events[1]), 'utf8'),
            stream,
            revision: 1,
            id: events[1]?.id,
          },
        ]);
        expect(await tree.readLeaves(size - 2, 10)).toHaveLength(2);
        expect(await tree.readLeaves(size, 10)).toEqual([]);
        expect(await tree.leafAt((await log.head()) + 1)).toBeNull();
        expect(await tree.leafAt(0)).toBeNull();
        if (tree.leafOfEvent !== undefined) {
          expect(await tree.leafOfEvent(events[1]?.id ?? '')).toBe(size - 2);
          expect(await tree.leafOfEvent(randomUUID())).toBeNull();
          expect(await tree.leafOfEvent('no id')).toBeNull();
        }
      });
    });

    describe('subscribeAll', () => {
      const until = async (condition: () => boolean): Promise<void> => {
        while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
      };

      it('delivers what is there, says that it has caught up, and goes on live', async () => {
        const stream = newStream();
        const before = await appendSome(stream, 5);
        const seen: StoredEvent[] = [];
        const caughtUpAt: number[] = [];
        const subscription = log.subscribeAll(start, {
          onEvents: async (events) => void seen.push(...events),
          onCaughtUp: () => caughtUpAt.push(seen.length),
        });
        await until(() => caughtUpAt.length === 1);
        expect(caughtUpAt).toEqual([5]);
        const after = await appendSome(stream, 2, 5);
        await until(() => seen.length === 7 && caughtUpAt.length === 2);
        expect(seen.map((stored) => stored.canonical)).toEqual([...before, ...after].map(canonicalJson));
        expect(caughtUpAt).toEqual([5, 7]);
        await subscription.close();
      });

      it('begins after the position it is given', async () => {
        await appendSome(newStream(), 3);
        const position = await log.head();
        const [next] = await appendSome(newStream(), 1);
        const seen: StoredEvent[] = [];
        const subscription = log.subscribeAll(position, { onEvents: async (events) => void seen.push(...events) });
        await until(() => seen.length > 0);
        await subscription.close();
        expect(seen.map((stored) => stored.canonical)).toEqual([canonicalJson(next)]);
      });

      it('tells an empty rest at once', async () => {
        const caughtUp = jest.fn();
        const subscription = log.subscribeAll(start, { onEvents: async () => undefined, onCaughtUp: caughtUp });
        await until(() => caughtUp.mock.calls.length > 0);
        await subscription.close();
        expect(caughtUp).toHaveBeenCalledTimes(1);
      });

      it('gives a failing handler the same batch again, and nothing after it before it succeeded', async () => {
        const stream = newStream();
        await appendSome(stream, 4);
        const batches: (readonly Position[])[] = [];
        const errors: unknown[] = [];
        let failures = 2;
        const subscription = log.subscribeAll(start, {
          onEvents: async (events) => {
            batches.push(events.map((stored) => stored.position));
            if (failures > 0) {
              failures -= 1;
              throw new Error('read model is busy');
            }
          },
          onError: (error) => errors.push(error),
        });
        await until(() => errors.length === 1);
        await appendSome(stream, 1, 4);
        await until(() => batches.flat().length >= 13);
        await subscription.close();
        expect(errors).toHaveLength(2);
        expect(batches[1]).toEqual(batches[0]);
        expect(batches[2]).toEqual(batches[0]);
        expect(batches[3]).toEqual([await log.head()]);
      });

      it('never calls the handler while it is at work, and closing waits for it', async () => {
        let atWork = 0;
        let mostAtWork = 0;
        let finished = 0;
        const workDone: (() => void)[] = [];
        const subscription = log.subscribeAll(start, {
          onEvents: async (events) => {
            atWork += 1;
            mostAtWork = Math.max(mostAtWork, atWork);
            await new Promise<void>((resolve) => workDone.push(resolve));
            finished += events.length;
            atWork -= 1;
          },
        });
        const stream = newStream();
        await appendSome(stream, 1);
        await until(() => atWork === 1);
        await appendSome(stream, 1, 1);
        workDone.shift()?.();
        await until(() => finished === 1 && atWork === 1);
        const closing = subscription.close();
        workDone.shift()?.();
        await closing;
        expect({ atWork, mostAtWork, finished }).toEqual({ atWork: 0, mostAtWork: 1, finished: 2 });
        await appendSome(stream, 1, 2);
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(finished).toBe(2);
      });

      it('delivers every event once, in order, to every subscriber while writers go on', async () => {
        const seen: Position[][] = [[], []];
        const subscriptions = seen.map((own) =>
          log.subscribeAll(start, {
            onEvents: async (events) => void own.push(...events.map((stored) => stored.position)),
          }),
        );
        await Promise.all(
          Array.from({ length: 4 }, async () => {
            const stream = newStream();
            for (let index = 0; index < 25; index += 1) await appendSome(stream, 1, index);
          }),
        );
        await until(() => seen.every((own) => own.length >= 100));
        await Promise.all(subscriptions.map((subscription) => subscription.close()));
        const everything = (await readEverything()).map((stored) => stored.position);
        expect(seen).toEqual([everything, everything]);
      });
    });

    it('answers nothing more once it is closed', async () => {
      const stream = newStream();
      await log.close();
      await expect(
        log.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 0, 1) }),
      ).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_CLOSED' });
      await expect(log.readAll(start, 1)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    });
  });
