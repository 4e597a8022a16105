import type { Position } from '../event-log/event';
import type { RestsOn, StreamRevision } from '../event-log/event-log';
import { brokenMoney } from '../pool/leaning-money';
import { type Pool, poolKind } from '../pool/pool';
import type { PoolFacts, ProjectFacts } from '../pool/pool-facts';
import { poolStream } from '../pool/pool-stream';
import { CHANNEL_PARTICULARS } from '../pool/quota-line';
import { type Project, projectKind, type ProjectParticulars, projectStream } from '../project-library/project';
import type { Channel } from '../registry/channels/channels';
import type { Department } from '../registry/departments/departments';
import type { Division } from '../registry/divisions/divisions';
import { type Purpose, purposesUnder } from '../registry/purposes/purposes';
import type { LeaningPools } from './leaning-pools';
import { type AskedChange, moneyOnItsWay, registerInUse } from './register-in-use';
import type { CommandExecutor, Executed } from './pool-desk';
import { factsOf, projectFacts, type Registries, sealOf, type StreamStates } from './registry-facts';

/** What a change was judged by. */
export interface Judged {
  /** Pools that were looked at, to be sealed in the change. */
  readonly seal: string;
  readonly restsOn: RestsOn;
}

/** Nothing that money leans on is asked to change. */
const NOTHING_LEANS = null;

/** Where the pools are, and who asks again before the change is stored. */
type JudgedStates = StreamStates & Pick<CommandExecutor<Executed>, 'beforeStoring' | 'head'>;

/** Where money may come to lean on something unseen; for a purpose, projects as well. */
const POOLS = [poolKind.category];
const POOLS_AND_PROJECTS = [poolKind.category, projectKind.category];

/** What one judgement looks at. */
class Look {
  readonly #revisions = new Map<string, number>();
  readonly #categories: readonly string[];
  /** End of the log before it was searched for pools. */
  readonly #after: Position | undefined;

  constructor(categories: readonly string[], after: Position | undefined) {
    this.#categories = categories;
    this.#after = after;
  }

  at(stream: string, revision: number): void {
    this.#revisions.set(stream, revision);
  }

  get restsOn(): RestsOn {
    const streams = [...this.#revisions].map(([stream, revision]) => ({ stream, revision }));
    const after = this.#after;
    return after === undefined ? { streams } : { streams, nothingElse: { categories: this.#categories, after } };
  }
}

/**
 * Judges a change of what registers say by the money that leans on it. A new entry, an unchanged one and a new name cost
 * nothing: pools are looked for only where a fact changes that a rule of money asks for.
 *
 * Every question answers what it was judged by, or null where nothing leans on the change.
 *
 * @throws DomainError(rule) REGISTER_IN_USE
 */
export class RegisterJudge {
  readonly #states: JudgedStates;
  readonly #pools: LeaningPools;

  constructor(states: JudgedStates, pools: LeaningPools) {
    this.#states = states;
    this.#pools = pools;
  }

  async project(registries: Registries, project: Project, becomes: ProjectParticulars): Promise<Judged | null> {
    const was = project.particulars;
    const { projectCode: code, purposeCode, places } = becomes;
    const before = projectFacts(project);
    if (was === null || before === undefined) return NOTHING_LEANS;
    const purposeChanges = was.purposeCode !== purposeCode;
    if (!purposeChanges && was.places.every((place) => places.includes(place))) return NOTHING_LEANS;
    const asked: AskedChange = purposeChanges
      ? { register: 'project', code, field: 'purposeCode', value: purposeCode }
      : { register: 'project', code, field: 'places', value: places.join(';') };
    const look = await this.#lookAt(POOLS);
    const pools = await this.#load(look, await this.#found(() => this.#pools.ofProjects([code])));
    await this.#requireArrived(look, asked, pools);
    return this.#judge(
      look,
      asked,
      factsOf(registries, [before]),
      factsOf(registries, [{ ...before, purposeCode, places }]),
      pools,
    );
  }

  async channel(registries: Registries, becomes: Channel): Promise<Judged | null> {
    const was = registries.channels.get(becomes.channelCode);
    if (was === undefined) return NOTHING_LEANS;
    const field = [...CHANNEL_PARTICULARS, 'allowedPurposes' as const].find(
      (each) => String(was[each]) !== String(becomes[each]),
    );
    if (field === undefined) return NOTHING_LEANS;
    const { channelCode: code } = becomes;
    const channels = new Map(registries.channels).set(code, becomes);
    const look = await this.#lookAt(POOLS);
    return this.#judge(
      look,
      { register: 'channel', code, field, value: String(becomes[field]) },
      factsOf(registries, []),
      factsOf({ ...registries, channels }, []),
      await this.#load(look, await this.#found(() => this.#pools.ofChannels([code]))),
    );
  }

  async purpose(registries: Registries, becomes: Purpose): Promise<Judged | null> {
    const { purposeCode: code, parentPurpose } = becomes;
    const was = registries.purposes.get(code);
    if (was === undefined || was.parentPurpose === parentPurpose) return NOTHING_LEANS;
    const moved = purposesUnder(registries.purposes, code);
    const look = await this.#lookAt(POOLS_AND_PROJECTS);
    const projects = await this.#projects(look, await this.#found(() => this.#pools.projectsOfPurposes(moved)));
    const streams = [
      ...(await this.#found(() => this.#pools.ofPurposes(moved))),
      ...(await this.#pools.ofProjects(projects.map(({ projectCode }) => projectCode))),
    ];
    const purposes = new Map(registries.purposes).set(code, becomes);
    const asked: AskedChange = { register: 'purpose', code, field: 'parentPurpose', value: parentPurpose ?? '' };
    const pools = await this.#load(look, streams);
    await this.#requireArrived(look, asked, pools);
    return this.#judge(
      look,
      asked,
      factsOf(registries, projects),
      factsOf({ ...registries, purposes }, projects),
      pools,
    );
  }

  async division(registries: Registries, becomes: Division): Promise<Judged | null> {
    const { divisionCode: code, validFrom, validTo } = becomes;
    const was = registries.divisions.startingOn(code, validFrom);
    const endsEarlier = was !== undefined && validTo !== null && (was.validTo === null || validTo < was.validTo);
    if (!endsEarlier) return NOTHING_LEANS;
    const look = await this.#lookAt(POOLS);
    return this.#judge(
      look,
      { register: 'division', code, field: 'validTo', value: validTo },
      factsOf(registries, []),
      factsOf({ ...registries, divisions: registries.divisions.with(becomes) }, []),
      await this.#load(look, await this.#found(() => this.#pools.ofDivision(code))),
    );
  }

  async department(registries: Registries, becomes: Department): Promise<Judged | null> {
    const { departmentCode: code, validFrom, validTo, mergedInto } = becomes;
    if (!registries.departments.has(code)) return NOTHING_LEANS;
    const was = registries.departments.startingOn(code, validFrom);
    const sameEnd = was?.validTo === validTo;
    if (was !== undefined && sameEnd && was.mergedInto === mergedInto) return NOTHING_LEANS;
    const channels = [...registries.channels.values()]
      .filter(({ departmentCode }) => registries.departments.leadsTo(departmentCode, code))
      .map(({ channelCode }) => channelCode);
    const look = await this.#lookAt(POOLS);
    return this.#judge(
      look,
      sameEnd
        ? { register: 'department', code, field: 'mergedInto', value: mergedInto ?? '' }
        : { register: 'department', code, field: 'validTo', value: validTo ?? '' },
      factsOf(registries, []),
      factsOf({ ...registries, departments: registries.departments.with(becomes) }, []),
      await this.#load(look, await this.#found(() => this.#pools.ofChannels(channels))),
    );
  }

  #judge(
    { restsOn }: Look,
    asked: AskedChange,
    before: PoolFacts,
    after: PoolFacts,
    pools: readonly LookedAt[],
  ): Judged {
    const [first, ...others] = brokenMoney(
      { before, after },
      pools.map(({ pool }) => pool),
    );
    if (first !== undefined) throw registerInUse(asked, [first, ...others]);
    return { seal: sealOf(pools), restsOn };
  }

  async #lookAt(categories: readonly string[]): Promise<Look> {
    return new Look(categories, await this.#states.head?.());
  }

  /** Others may bring money where there was none when it was looked for. */
  async #found(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const names = new Set(await find());
    this.#states.beforeStoring?.(async () => (await find()).find((name) => !names.has(name)) ?? null);
    return [...names];
  }

  async #load(look: Look, streams: readonly string[]): Promise<readonly LookedAt[]> {
    const pools: LookedAt[] = [];
    for (const stream of new Set(streams)) {
      const { state, revision } = await this.#states.load(stream, poolKind);
      look.at(stream, revision);
      pools.push({ pool: state, stream, revision });
    }
    return pools;
  }

  async #projects(look: Look, codes: readonly string[]): Promise<readonly ProjectFacts[]> {
    const projects: ProjectFacts[] = [];
    for (const code of codes) {
      const { state, revision } = await this.#states.load(projectStream(code), projectKind);
      look.at(projectStream(code), revision);
      const facts = projectFacts(state);
      if (facts !== undefined) projects.push(facts);
    }
    return projects;
  }

  /** What is carried over and has not arrived is in no pool's project. */
  async #requireArrived(look: Look, asked: AskedChange, pools: readonly LookedAt[]): Promise<void> {
    for (const { pool } of pools) {
      for (const [id, { documentNo, toDivision, toFiscalYear }] of [...pool.crossings]) {
        if (toDivision !== pool.division) continue;
        const stream = poolStream(toDivision, toFiscalYear);
        const taker = await this.#states.load(stream, poolKind);
        look.at(stream, taker.revision);
        if (!taker.state.settledCrossings.has(id)) throw moneyOnItsWay(asked, documentNo);
      }
    }
  }
}

interface LookedAt extends StreamRevision {
  readonly pool: Pool;
}
