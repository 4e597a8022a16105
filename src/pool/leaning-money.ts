import { addFen, type Fen, fen, ZERO_FEN } from '../money/fen';
import { type Account, parseAccount } from './account';
import type { Pool } from './pool';
import type { ChannelFacts, PoolFacts } from './pool-facts';
import { poolStream } from './pool-stream';
import { CHANNEL_PARTICULARS, type QuotaLine } from './quota-line';

/**
 * What registers say, money was allowed by: that a line's purpose covers its project's, that its place is one of the
 * project's, that its channel may be used for its purpose. Here stands which money a change of registers would leave
 * without the rule that it was allowed by. Pure: from the states of pools and from what registers say before and after.
 */

/** A purpose covers itself and everything under it. */
type Covers = (purpose: string, other: string) => boolean;

/**
 * 资金用途不变: a line is for a project when its own purpose covers the project's, or one that a repurposing allows.
 * @param authorities purposes that repurposings of this line allow
 */
export const purposeFits = (
  linePurpose: string,
  projectPurpose: string,
  authorities: readonly string[],
  covers: Covers,
): boolean => covers(linePurpose, projectPurpose) || authorities.some((purpose) => covers(purpose, projectPurpose));

/** A channel's purposes: none named allows every one. */
export const channelAllows = (
  { allowedPurposes }: Pick<ChannelFacts, 'allowedPurposes'>,
  purpose: string,
  covers: Covers,
): boolean => allowedPurposes.length === 0 || allowedPurposes.some((allowed) => covers(allowed, purpose));

/** Which fact of a register money leans on. */
export type LeaningField =
  | { readonly register: 'project'; readonly field: 'purposeCode' | 'places' }
  | { readonly register: 'channel'; readonly field: (typeof CHANNEL_PARTICULARS)[number] | 'allowedPurposes' }
  | { readonly register: 'division'; readonly field: 'inForce' };

/** Money that a change would leave without the rule it was allowed by. */
export interface BrokenMoney {
  readonly leansOn: LeaningField;
  readonly pool: string;
  readonly line: QuotaLine;
  readonly amount: Fen;
  readonly projectCode: string | null;
  readonly place: string | null;
  /** Business date on which it moved; null where the money that stands is meant. */
  readonly on: string | null;
}

/** Registers as they are, and as a change would make them. */
export interface RegisterChange {
  readonly before: PoolFacts;
  readonly after: PoolFacts;
}

interface ProjectPlaceMoney {
  readonly projectCode: string;
  readonly place: string;
  readonly amount: Fen;
}

/** What a line has in projects now: available, held and paid together, place by place. */
const moneyInProjects = (pool: Pool, line: QuotaLine): readonly ProjectPlaceMoney[] => {
  const places = new Map<string, ProjectPlaceMoney>();
  for (const account of pool.accounts.accountsOf(line.quotaLine)) {
    if (!account.startsWith('project:')) continue;
    const parsed = parseAccount(account);
    const balance = pool.accounts.latest(line.quotaLine, account);
    if (parsed.kind !== 'project' || balance <= 0) continue;
    const { projectCode, place } = parsed;
    const key = `${projectCode}|${place}`;
    const amount = addFen(places.get(key)?.amount ?? ZERO_FEN, balance);
    places.set(key, { projectCode, place, amount });
  }
  return [...places.values()];
};

/** What of a line has come into this pool from outside and was not reversed. */
const appropriated = (pool: Pool, { quotaLine, channelCode }: QuotaLine): Fen =>
  fen(-pool.accounts.latest(quotaLine, `source:${channelCode}` as Account));

/** Purposes that repurposings of a line allow, in whichever year's pool of the division they were approved. */
const authoritiesOf = (pools: readonly Pool[], of: Pool, line: QuotaLine): readonly string[] =>
  pools
    .filter(({ division }) => division === of.division)
    .flatMap(({ sides }) => sides.accountsOf(line.quotaLine))
    .filter((side) => side.startsWith('authority:'))
    .map((side) => side.slice('authority:'.length));

/**
 * Of money that rests on a repurposing it is not known on which, where a line has several; so all that can have let it
 * in have to cover the project still.
 */
const purposeStaysFit = (
  { before, after }: RegisterChange,
  line: QuotaLine,
  projectCode: string,
  authorities: readonly string[],
): boolean => {
  const was = before.project(projectCode)?.purposeCode;
  const becomes = after.project(projectCode)?.purposeCode;
  if (was === undefined || becomes === undefined) return true;
  if (after.purposeCovers(line.purposeCode, becomes)) return true;
  const restsOn = authorities.filter((purpose) => before.purposeCovers(purpose, was));
  if (!before.purposeCovers(line.purposeCode, was) && restsOn.length > 0) {
    return restsOn.every((purpose) => after.purposeCovers(purpose, becomes));
  }
  // What fitted no more before, by whatever an older program let through, stays as it is, but may not change on.
  return !before.purposeCovers(line.purposeCode, was) && was === becomes;
};

const brokenInProjects = (change: RegisterChange, pools: readonly Pool[], pool: Pool): readonly BrokenMoney[] =>
  [...pool.lines.values()].flatMap((line) =>
    moneyInProjects(pool, line).flatMap(({ projectCode, place, amount }) => {
      const becomes = change.after.project(projectCode);
      if (becomes === undefined) return [];
      const broken = (field: 'purposeCode' | 'places'): BrokenMoney => ({
        leansOn: { register: 'project', field },
        pool: poolStream(pool.division, pool.fiscalYear),
        line,
        amount,
        projectCode,
        place,
        on: null,
      });
      if (!becomes.places.includes(place) && change.before.project(projectCode)?.places.includes(place) === true) {
        return [broken('places')];
      }
      const authorities = authoritiesOf(pools, pool, line);
      return purposeStaysFit(change, line, projectCode, authorities) ? [] : [broken('purposeCode')];
    }),
  );

const brokenChannelField = (
  { before, after }: RegisterChange,
  line: QuotaLine,
): Extract<LeaningField, { register: 'channel' }>['field'] | null => {
  const was = before.channel(line.channelCode, line.issuedOn);
  const becomes = after.channel(line.channelCode, line.issuedOn);
  if (was === undefined || becomes === undefined) return null;
  const changed = CHANNEL_PARTICULARS.find((field) => was[field] !== becomes[field] && becomes[field] !== line[field]);
  if (changed !== undefined) return changed;
  const allows = (facts: PoolFacts, channel: ChannelFacts): boolean =>
    channelAllows(channel, line.purposeCode, (purpose, other) => facts.purposeCovers(purpose, other));
  return allows(before, was) && !allows(after, becomes) ? 'allowedPurposes' : null;
};

const brokenInChannels = (change: RegisterChange, pool: Pool): readonly BrokenMoney[] =>
  [...pool.lines.values()].flatMap((line): readonly BrokenMoney[] => {
    const amount = appropriated(pool, line);
    const field = amount === 0 ? null : brokenChannelField(change, line);
    if (field === null) return [];
    const leansOn = { register: 'channel', field } as const;
    const stream = poolStream(pool.division, pool.fiscalYear);
    return [{ leansOn, pool: stream, line, amount, projectCode: null, place: null, on: null }];
  });

/**
 * The division that the registers have to know on the days on which an account changes: a place for whatever happens
 * there, a pool for what comes into it from outside or from another pool.
 */
const divisionNeeded = (pool: Pool, line: QuotaLine, account: Account): string | null => {
  const parsed = parseAccount(account);
  if (parsed.kind === 'project') return parsed.place;
  const isWayIn = parsed.kind === 'source' || parsed.kind === 'transit';
  // Where money came from has less than nothing in the pool that took it in.
  return isWayIn && pool.accounts.latest(line.quotaLine, account) < 0 ? pool.division : null;
};

/** What moved in a pool or at a place on a day on which the division would not be in force any more. */
const brokenByEnd = ({ before, after }: RegisterChange, pool: Pool): readonly BrokenMoney[] =>
  [...pool.lines.values()].flatMap((line) =>
    pool.accounts.accountsOf(line.quotaLine).flatMap((account): readonly BrokenMoney[] => {
      const division = divisionNeeded(pool, line, account);
      if (division === null) return [];
      const moved = pool.accounts
        .changesOf(line.quotaLine, account)
        .find(({ on }) => before.hasDivision(division, on) && !after.hasDivision(division, on));
      if (moved === undefined) return [];
      const parsed = parseAccount(account);
      return [
        {
          leansOn: { register: 'division', field: 'inForce' },
          pool: poolStream(pool.division, pool.fiscalYear),
          line,
          amount: fen(Math.abs(moved.change)),
          projectCode: parsed.kind === 'project' ? parsed.projectCode : null,
          place: parsed.kind === 'project' ? parsed.place : null,
          on: moved.on,
        },
      ];
    }),
  );

/**
 * Money of these pools that was allowed by what the registers say, and would not be by what a change makes of them. All
 * pools of a division in which a line was repurposed have to be among them.
 */
export const brokenMoney = (change: RegisterChange, pools: readonly Pool[]): readonly BrokenMoney[] =>
  pools.flatMap((pool) => [
    ...brokenInProjects(change, pools, pool),
    ...brokenInChannels(change, pool),
    ...brokenByEnd(change, pool),
  ]);
