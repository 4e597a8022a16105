import type { LedgerEvent, Position, RecordedEvent } from '../../event-log/event';
import { fenFromYuan } from '../../money/fen';
import type { Movement } from '../../pool/account';
import { channelAllows, purposeFits } from '../../pool/leaning-money';
import type { PoolEvent } from '../../pool/pool-event';
import { poolOfStream } from '../../pool/pool-stream';
import { projectKind, type ProjectEvent } from '../../project-library/project';
import { CHANNELS_STREAM, channelsKind, type ChannelEvent } from '../../registry/channels/channels';
import { purposeCovers, type PurposeEvent, PURPOSES_STREAM, purposesKind } from '../../registry/purposes/purposes';
import { type Finding, finding, type PurposeCode } from './finding';

/** Money of one line in one project: what is available, held and paid there together. */
interface Standing {
  readonly division: Division;
  readonly line: string;
  readonly purpose: string;
  readonly projectCode: string;
  amount: number;
  /** Which state of the registers it was last held against. */
  judgedAt: number;
  fits: boolean;
}

interface Division {
  /** By quota line: the purposes that repurposings allow beside its own. */
  readonly authorities: Map<string, string[]>;
  readonly standing: Map<string, Map<string, Standing>>;
}

const PROJECT = 'project:';
const SOURCE = 'source:';
const NOT_JUDGED = -1;

/**
 * 资金用途不变, over all events in their order: each movement of money in a project, and what stands there when registers
 * change, is held against what the registers said just then; what comes in, against its channel. A line that does not
 * fit a project is told once, for as long as it does not.
 */
export class PurposeCheck {
  readonly #purposes = purposesKind.initial(PURPOSES_STREAM);
  readonly #channels = channelsKind.initial(CHANNELS_STREAM);
  readonly #projects = new Map<string, string>();
  readonly #divisions = new Map<string, Division>();
  readonly #divisionOfStream = new Map<string, Division | null>();
  readonly #findings: Finding[] = [];
  /** Counts changes after which what fitted may fit no more, or the other way round. */
  #registers = 0;
  #position: Position = 0;

  /** @param most findings that are kept: the first ones */
  constructor(readonly most: number) {}

  /** Of all events so far, in their order. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  take(event: RecordedEvent): void {
    this.#position = event.position;
    const { stream } = event;
    const division = this.#divisionOf(stream);
    if (division !== null) this.#takeMoney(division, event);
    else if (stream === PURPOSES_STREAM) this.#takePurpose(event as LedgerEvent as PurposeRecorded);
    else if (stream === CHANNELS_STREAM) channelsKind.evolve(this.#channels, event as LedgerEvent as ChannelRecorded);
    else if (stream.startsWith(`${projectKind.category}-`)) this.#takeProject(event as LedgerEvent as ProjectRecorded);
  }

  #divisionOf(stream: string): Division | null {
    let division = this.#divisionOfStream.get(stream);
    if (division === undefined) {
      const { division: code } = poolOfStream(stream) ?? {};
      division = code === undefined ? null : this.#division(code);
      this.#divisionOfStream.set(stream, division);
    }
    return division;
  }

  #division(code: string): Division {
    let division = this.#divisions.get(code);
    if (division === undefined) {
      division = { authorities: new Map(), standing: new Map() };
      this.#divisions.set(code, division);
    }
    return division;
  }

  #takePurpose(event: PurposeRecorded): void {
    purposesKind.evolve(this.#purposes, event);
    if (event.type === 'PurposeChanged') this.#registersChanged(() => true);
  }

  #takeProject({ type, data }: ProjectRecorded): void {
    if (type !== 'ProjectRegistered' && type !== 'ProjectChanged') return;
    const { projectCode, purposeCode } = data;
    const before = this.#projects.get(projectCode);
    this.#projects.set(projectCode, purposeCode);
    if (before !== undefined && before !== purposeCode) {
      this.#registersChanged((standing) => standing.projectCode === projectCode);
    }
  }

  #registersChanged(concerns: (standing: Standing) => boolean): void {
    this.#registers += 1;
    for (const { standing } of this.#divisions.values()) {
      for (const ofLine of standing.values()) {
        for (const each of ofLine.values()) if (each.amount > 0 && concerns(each)) this.#judge(each);
      }
    }
  }

  #takeMoney(division: Division, event: RecordedEvent): void {
    const { type, data } = event as LedgerEvent as MoneyRecorded;
    if (type === 'FundsRepurposed') {
      this.#registers += 1;
      for (const { quotaLine, toPurposeCode } of data.authorities) {
        const purposes = division.authorities.get(quotaLine);
        if (purposes === undefined) division.authorities.set(quotaLine, [toPurposeCode]);
        else purposes.push(toPurposeCode);
      }
    }
    if (!('movements' in data)) return;
    for (const movement of data.movements) this.#takeMovement(division, movement);
  }

  #takeMovement(division: Division, { quotaLine, from, to, amount }: Movement): void {
    const giver = projectIn(from);
    const taker = projectIn(to);
    if (giver !== taker) {
      if (giver !== null) this.#standing(division, quotaLine, giver).amount -= fenFromYuan(amount);
      if (taker !== null) this.#standing(division, quotaLine, taker).amount += fenFromYuan(amount);
    }
    if (taker !== null) {
      const standing = this.#standing(division, quotaLine, taker);
      if (standing.judgedAt !== this.#registers) this.#judge(standing);
    } else if (from.startsWith(SOURCE)) {
      this.#judgeChannel(quotaLine);
    }
  }

  #standing(division: Division, line: string, projectCode: string): Standing {
    let ofLine = division.standing.get(line);
    if (ofLine === undefined) division.standing.set(line, (ofLine = new Map<string, Standing>()));
    let standing = ofLine.get(projectCode);
    if (standing === undefined) {
      const purpose = purposeIn(line);
      standing = { division, line, purpose, projectCode, amount: 0, judgedAt: NOT_JUDGED, fits: true };
      ofLine.set(projectCode, standing);
    }
    return standing;
  }

  #judge(standing: Standing): void {
    const { division, line, purpose, projectCode, fits } = standing;
    const wanted = this.#projects.get(projectCode);
    // Logs that begin with money say nothing of the project's purpose, and so nothing that the money could break.
    if (wanted === undefined) return;
    standing.judgedAt = this.#registers;
    standing.fits = purposeFits(purpose, wanted, division.authorities.get(line) ?? [], this.#covers);
    if (standing.fits || !fits) return;
    this.#find(
      'PURPOSE_CHANGED',
      `项目 ${projectCode} 的用途 ${wanted} 不在指标 ${line} 允许的用途之内，却有它的资金`,
      `project ${projectCode} is for ${wanted}, which quota line ${line} may not pay for, and has money of it`,
    );
  }

  #judgeChannel(line: string): void {
    const channel = this.#channels.get(channelIn(line));
    const purpose = purposeIn(line);
    if (channel === undefined || channelAllows(channel, purpose, this.#covers)) return;
    this.#find(
      'PURPOSE_NOT_ALLOWED',
      `渠道 ${channel.channelCode} 不允许指标 ${line} 的用途 ${purpose}，却有资金由此进入`,
      `channel ${channel.channelCode} does not allow the purpose ${purpose} of quota line ${line}, which came in by it`,
    );
  }

  readonly #covers = (purpose: string, other: string): boolean => purposeCovers(this.#purposes, purpose, other);

  #find(code: PurposeCode, zh: string, en: string): void {
    if (this.#findings.length < this.most) this.#findings.push(finding(code, this.#position, zh, en));
  }
}

type Recorded<Event> = LedgerEvent & Event;
type PurposeRecorded = Recorded<PurposeEvent>;
type ChannelRecorded = Recorded<ChannelEvent>;
type ProjectRecorded = Recorded<ProjectEvent>;
type MoneyRecorded = Recorded<PoolEvent>;

/** The project that an account belongs to. */
const projectIn = (account: string): string | null =>
  account.startsWith(PROJECT) ? account.slice(PROJECT.length, account.indexOf(':', PROJECT.length)) : null;

/** The last part of a line's name is its purpose, the one before it its channel. */
const purposeIn = (line: string): string => line.slice(line.lastIndexOf('/') + 1);
const channelIn = (line: string): string => {
  const end = line.lastIndexOf('/');
  return line.slice(line.lastIndexOf('/', end - 1) + 1, end);
};
