import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runsOf } from '../../src/event-log/copying/copy-writer';
import type { Actor, LedgerEvent, StoredEvent } from '../../src/event-log/event';
import type { StreamAppend } from '../../src/event-log/event-log';
import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { readEvent } from '../../src/event-log/upcasting';
import { Ledger } from '../../src/ledger/ledger';
import type { CommandRequest } from '../../src/ledger/ledger-desk';
import type { PoolCommands } from '../../src/ledger/pool-decisions';
import { fen } from '../../src/money/fen';
import { DomainError } from '../../src/platform/domain-error';
import type { Entry } from './reference-model';
import type { AskedName, Step } from './step';
import { CHANNELS, DEPARTMENTS, DIVISIONS, PROJECTS, PURPOSES, RECORDED_AT } from './world';

/** What the ledger answered. */
export interface Outcome {
  readonly outcome: 'accepted' | 'unchanged' | 'refused';
  readonly code: string | null;
}

/** One way into the ledger. */
export interface Player {
  readonly ledger: Ledger;
  play(step: Step): Promise<Outcome>;
  /** Tells which entries the model made of a step that was accepted, so that they can be named in a reversal. */
  remember(step: Step, entries: readonly Entry[]): Promise<void>;
  close(): Promise<void>;
}

export const actorNamed = (id: string): Actor => ({ id, role: 'finance', division: '' });

const requestOf = (commandId: string, by: string): CommandRequest => ({
  commandId,
  correlationId: 'model',
  causationId: null,
  actor: actorNamed(by),
});

const BEGINNING = '2023-10-01';

/** Puts the registers of the world into a ledger. */
const registerWorld = async ({ desk }: Ledger): Promise<void> => {
  let serial = 0;
  const request = (): CommandRequest => {
    serial += 1;
    return requestOf(`00000000-0000-4000-9000-${String(serial).padStart(12, '0')}`, '登记员');
  };
  for (const [divisionCode, name] of Object.entries(DIVISIONS)) {
    await desk.registerDivision({ divisionCode, name, validFrom: null, validTo: null }, BEGINNING, request());
  }
  for (const [departmentCode, name] of Object.entries(DEPARTMENTS)) {
    const department = { departmentCode, name, validFrom: null, validTo: null, mergedInto: null };
    await desk.registerDepartment(department, BEGINNING, request());
  }
  for (const [purposeCode, parentPurpose] of Object.entries(PURPOSES)) {
    await desk.registerPurpose({ purposeCode, name: purposeCode, parentPurpose }, BEGINNING, request());
  }
  for (const [channelCode, channel] of Object.entries(CHANNELS)) {
    const level = '省';
    const kind = '行业';
    await desk.registerChannel({ channelCode, name: channelCode, level, kind, ...channel }, BEGINNING, request());
  }
  for (const [projectCode, { enteredOn, ...project }] of Object.entries(PROJECTS)) {
    await desk.registerProject(
      {
        projectCode,
        projectName: projectCode,
        ...project,
        category: null,
        nature: null,
        implementer: null,
        content: null,
      },
      { enteredOn, startedOn: null, completedOn: null, acceptedOn: null },
      enteredOn,
      request(),
    );
  }
};

/** Events that stand beside an entry and are none themselves; an event's canonical form ends with its type. */
const isEntry = ({ canonical }: StoredEvent): boolean => !canonical.endsWith('"type":"ClosedPeriodAdjusted"}');

const PAGE = 1000;

export const streamOf = ({ division, fiscalYear }: Pick<Entry, 'division' | 'fiscalYear'>): string =>
  `pool-${division}-${fiscalYear}`;

type Engine = 'memory' | 'sqlite';

/** The read model of the registers; where nobody reads, making and removing it takes as long as the commands. */
type Tables = 'with tables' | 'without tables';

/** Everything is asked of the desk itself. */
export class DeskPlayer implements Player {
  readonly ledger: Ledger;
  readonly directory: string;
  /** Events by step and part. */
  readonly #events = new Map<string, StoredEvent>();
  #seen: number;

  protected constructor(ledger: Ledger, directory: string, seen: number) {
    this.ledger = ledger;
    this.directory = directory;
    this.#seen = seen;
  }

  static async open(engine: Engine, tables: Tables = 'with tables'): Promise<DeskPlayer> {
    const { ledger, directory, seen } = await openWorld(engine, tables);
    return new DeskPlayer(ledger, directory, seen);
  }

  async play(step: Step): Promise<Outcome> {
    try {
      const request = requestOf(step.commandId, step.by);
      const answer = await this.ledger.desk.pool(step.asked.name, this.commandOf(step), request);
      return { outcome: answer.unchanged ? 'unchanged' : 'accepted', code: null };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { outcome: 'refused', code: error.code };
    }
  }

  async remember(step: Step, entries: readonly Entry[]): Promise<void> {
    const stored = await this.ledger.log.readAll(this.#seen, PAGE);
    this.#seen = stored.at(-1)?.position ?? this.#seen;
    const perStream = new Map<string, StoredEvent[]>();
    for (const event of stored.filter(isEntry))
      perStream.set(event.stream, [...(perStream.get(event.stream) ?? []), event]);
    entries.forEach((entry, part) => {
      const event = perStream.get(streamOf(entry))?.shift();
      if (event === undefined) throw new Error(`nothing was stored for ${entry.kind} in ${streamOf(entry)}`);
      this.#events.set(`${step.id} ${part}`, event);
    });
    const rest = [...perStream.values()].flat();
    if (rest.length > 0) throw new Error(`stored beside it: ${rest.map(({ canonical }) => canonical).join()}`);
  }

  /** The entry that a reversal names. */
  eventOf({ step, part }: { readonly step: number; readonly part: number }): LedgerEvent | undefined {
    const stored = this.#events.get(`${step} ${part}`);
    return stored === undefined ? undefined : readEvent(stored);
  }

  async close(): Promise<void> {
    await this.ledger.close();
    removeDirectory(this.directory);
  }

  protected commandOf(step: Step): PoolCommands[AskedName] {
    const { asked, division, fiscalYear, effectiveOn, adjustment, by } = step;
    const { name: _name, ...said } = asked;
    const lines = 'lines' in asked ? { lines: asked.lines.map((line) => ({ ...line, amount: fen(line.amount) })) } : {};
    const matter = {
      division,
      fiscalYear,
      effectiveOn,
      ...(adjustment === undefined ? {} : { adjustment }),
      ...said,
      ...lines,
    };
    const command = ((): object => {
      switch (asked.name) {
        case 'RequestPayment':
        case 'RequestReopening':
          return { ...matter, requestedBy: by };
        case 'ApprovePayment':
        case 'ApproveReopening':
          return { ...matter, approvedBy: by };
        case 'RecordPayment':
          return { ...matter, requestedBy: null, approvedBy: null };
        case 'ReverseEntry': {
          const original = this.eventOf(asked.target);
          if (original === undefined) throw unknownTarget();
          const { target: _target, ...reversal } = { ...matter, ...asked };
          return { ...withoutName(reversal), original, followsTaker: false };
        }
        default:
          return matter;
      }
    })();
    return command as PoolCommands[AskedName];
  }
}

const withoutName = <Named extends { readonly name: string }>({ name: _name, ...rest }: Named): Omit<Named, 'name'> =>
  rest;

/** What was never stored cannot be named; over HTTP the ledger says so itself. */
const unknownTarget = (): DomainError =>
  new DomainError('not-found', {
    code: 'UNKNOWN_EVENT',
    message: '没有这一事件。',
    messageEn: 'There is no such event.',
    remedy: '—',
    remedyEn: '—',
    parameters: {},
  });

/** A ledger of the registers of the world alone: made once, and written into a directory of its own for each history. */
interface PreparedWorld {
  readonly files: readonly { readonly name: string; readonly content: Buffer | { readonly linksTo: string } }[];
  /** What its log holds. */
  readonly appends: readonly StreamAppend[];
}

const LOG_FILE = 'log.sqlite';
const now = (): Date => new Date(RECORDED_AT);
const logIn = (directory: string): string => `sqlite:${join(directory, LOG_FILE)}`;
const newDirectory = (): string => mkdtempSync(join(tmpdir(), 'yichi-model-'));
const removeDirectory = (directory: string): void => rmSync(directory, { recursive: true, force: true });

const prepareWorld = async (): Promise<PreparedWorld> => {
  const directory = newDirectory();
  try {
    const ledger = await Ledger.open({ dataDir: directory, eventLog: logIn(directory) }, now);
    await registerWorld(ledger);
    await ledger.catchUp();
    const appends = runsOf(await ledger.log.readAll(0, PAGE));
    await ledger.close();
    const files = readdirSync(directory, { withFileTypes: true }).map((file) => {
      const path = join(directory, file.name);
      return {
        name: file.name,
        content: file.isSymbolicLink() ? { linksTo: readlinkSync(path) } : readFileSync(path),
      };
    });
    return { files, appends };
  } finally {
    removeDirectory(directory);
  }
};

let preparing: Promise<PreparedWorld> | null = null;

const inMemory = async (appends: readonly StreamAppend[], dataDir: string): Promise<Ledger> => {
  const log = new MemoryEventLog();
  for (const append of appends) await log.append(append);
  return Ledger.on(log, { dataDir }, now);
};

/** A ledger in a directory of its own with the registers of the world in it. */
export const openWorld = async (
  engine: Engine,
  tables: Tables = 'with tables',
): Promise<{ readonly ledger: Ledger; readonly directory: string; readonly seen: number }> => {
  const { files, appends } = await (preparing ??= prepareWorld());
  const directory = newDirectory();
  for (const { name, content } of tables === 'with tables' ? files : []) {
    if (engine === 'memory' && name.startsWith(LOG_FILE)) continue;
    if ('linksTo' in content) symlinkSync(content.linksTo, join(directory, name));
    else writeFileSync(join(directory, name), content);
  }
  const ledger =
    engine === 'memory'
      ? await inMemory(appends, directory)
      : await Ledger.open({ dataDir: directory, eventLog: logIn(directory) }, now);
  return { ledger, directory, seen: await ledger.log.head() };
};
