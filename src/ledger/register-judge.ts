import { brokenMoney, CHANNEL_PARTICULARS } from '../pool/leaning-money';
import { type Pool, poolKind } from '../pool/pool';
import type { PoolFacts, ProjectFacts } from '../pool/pool-facts';
import { poolStream } from '../pool/pool-stream';
import { type Project, projectKind, type ProjectParticulars, projectStream } from '../project-library/project';
import type { Channel } from '../registry/channels/channels';
import type { Department } from '../registry/departments/departments';
import type { Division } from '../registry/divisions/divisions';
import { type Purpose, purposesUnder } from '../registry/purposes/purposes';
import type { LeaningPools } from './leaning-pools';
import { type AskedChange, moneyOnItsWay, registerInUse } from './register-in-use';
import type { CommandExecutor, Executed } from './pool-desk';
import { factsOf, projectFacts, type Registries, type StreamStates } from './registry-facts';

/** Nothing that money leans on is asked to change. */
const NOTHING_LEANS = '';

/** Where the pools are, and who asks again before the change is stored. */
type JudgedStates = StreamStates & Pick<CommandExecutor<Executed>, 'beforeStoring'>;

/**
 * Judges a change of what registers say by the money that leans on it. A new entry, an unchanged one and a new name cost
 * nothing: pools are looked for only where a fact changes that a rule of money asks for.
 *
 * Every question answers the revisions of the pools that were looked at, to be sealed in the change.
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

  async project(registries: Registries, project: Project, becomes: ProjectParticulars): Promise<string> {
    const was = project.particulars;
    const { projectCode: code, purposeCode, places } = becomes;
    const before = projectFacts(project);
    if (was === null || before === undefined) return NOTHING_LEANS;
    const purposeChanges = was.purposeCode !== purposeCode;
    if (!purposeChanges && was.places.every((place) => places.includes(place))) return NOTHING_LEANS;
    const asked: AskedChange = purposeChanges
      ? { register: 'project', code, field: 'purposeCode', value: purposeCode }
      : { register: 'project', code, field: 'places', value: places.join(';') };
    const pools = await this.#load(await this.#found(() => this.#pools.ofProjects([code])));
    await this.#requireArrived(asked, pools);
    return this.#judge(
      asked,
      factsOf(registries, [before]),
      factsOf(registries, [{ ...before, purposeCode, places }]),
      pools,
    );
  }

  async channel(registries: Registries, becomes: Channel): Promise<string> {
    const was = registries.channels.get(becomes.channelCode);
    if (was === undefined) return NOTHING_LEANS;
    const field = [...CHANNEL_PARTICULARS, 'allowedPurposes' as const].find(
      (each) => String(was[each]) !== String(becomes[each]),
    );
    if (field === undefined) return NOTHING_LEANS;
    const { channelCode: code } = becomes;
    const channels = new Map(registries.channels).set(code, becomes);
    return this.#judge(
      { register: 'channel', code, field, value: String(becomes[field]) },
      factsOf(registries, []),
      factsOf({ ...registries, channels }, []),
      await this.#load(await this.#found(() => this.#pools.ofChannels([code]))),
    );
  }

  async purpose(registries: Registries, becomes: Purpose): Promise<string> {
    const { purposeCode: code, parentPurpose } = becomes;
    const was = registries.purposes.get(code);
    if (was === undefined || was.parentPurpose === parentPurpose) return NOTHING_LEANS;
    const moved = purposesUnder(registries.purposes, code);
    const projects = await this.#projects(await this.#found(() => this.#pools.projectsOfPurposes(moved)));
    const streams = [
      ...(await this.#found(() => this.#pools.ofPurposes(moved))),
      ...(await this.#pools.ofProjects(projects.map(({ projectCode }) => projectCode))),
    ];
    const purposes = new Map(registries.purposes).set(code, becomes);
    const asked: AskedChange = { register: 'purpose', code, field: 'parentPurpose', value: parentPurpose ?? '' };
    const pools = await this.#load(streams);
    await this.#requireArrived(asked, pools);
    return this.#judge(asked, factsOf(registries, projects), factsOf({ ...registries, purposes }, projects), pools);
  }

  async division(registries: Registries, becomes: Division): Promise<string> {
    const { divisionCode: code, validFrom, validTo } = becomes;
    const was = registries.divisions.startingOn(code, validFrom);
    const endsEarlier = was !== undefined && validTo !== null && (was.validTo === null || validTo < was.validTo);
    if (!endsEarlier) return NOTHING_LEANS;
    return this.#judge(
      { register: 'division', code, field: 'validTo', value: validTo },
      factsOf(registries, []),
      factsOf({ ...registries, divisions: registries.divisions.with(becomes) }, []),
      await this.#load(await this.#found(() => this.#pools.ofDivision(code))),
    );
  }

  async department(registries: Registries, becomes: Department): Promise<string> {
    const { departmentCode: code, validFrom, validTo, mergedInto } = becomes;
    if (!registries.departments.has(code)) return NOTHING_LEANS;
    const was = registries.departments.startingOn(code, validFrom);
    const sameEnd = was?.validTo === validTo;
    if (was !== undefined && sameEnd && was.mergedInto === mergedInto) return NOTHING_LEANS;
    const channels = [...registries.channels.values()]
      .filter(({ departmentCode }) => registries.departments.leadsTo(departmentCode, code))
      .map(({ channelCode }) => channelCode);
    return this.#judge(
      sameEnd
        ? { register: 'department', code, field: 'mergedInto', value: mergedInto ?? '' }
        : { register: 'department', code, field: 'validTo', value: validTo ?? '' },
      factsOf(registries, []),
      factsOf({ ...registries, departments: registries.departments.with(becomes) }, []),
      await this.#load(await this.#found(() => this.#pools.ofChannels(channels))),
    );
  }

  #judge(asked: AskedChange, before: PoolFacts, after: PoolFacts, pools: readonly LookedAt[]): string {
    const [first, ...others] = brokenMoney(
      { before, after },
      pools.map(({ pool }) => pool),
    );
    if (first !== undefined) throw registerInUse(asked, [first, ...others]);
    return pools.map(({ pool, revision }) => ` ${poolStream(pool.division, pool.fiscalYear)}@${revision}`).join('');
  }

  /** Others may bring money where there was none when it was looked for. */
  async #found(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const names = new Set(await find());
    this.#states.beforeStoring?.(async () => (await find()).find((name) => !names.has(name)) ?? null);
    return [...names];
  }

  async #load(streams: readonly string[]): Promise<readonly LookedAt[]> {
    const pools: LookedAt[] = [];
    for (const stream of new Set(streams)) {
      const { state, revision } = await this.#states.load(stream, poolKind);
      pools.push({ pool: state, revision });
    }
    return pools;
  }

  async #projects(codes: readonly string[]): Promise<readonly ProjectFacts[]> {
    const projects: ProjectFacts[] = [];
    for (const code of codes) {
      const { state } = await this.#states.load(projectStream(code), projectKind);
      const facts = projectFacts(state);
      if (facts !== undefined) projects.push(facts);
    }
    return projects;
  }

  /** What is carried over and has not arrived is in no pool's project. */
  async #requireArrived(asked: AskedChange, pools: readonly LookedAt[]): Promise<void> {
    for (const { pool } of pools) {
      for (const [id, { documentNo, toDivision, toFiscalYear }] of [...pool.crossings]) {
        if (toDivision !== pool.division) continue;
        const taker = await this.#states.load(poolStream(toDivision, toFiscalYear), poolKind);
        if (!taker.state.settledCrossings.has(id)) throw moneyOnItsWay(asked, documentNo);
      }
    }
  }
}

interface LookedAt {
  readonly pool: Pool;
  readonly revision: number;
}
