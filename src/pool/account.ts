import type { QuotaLineId } from './quota-line';

/** Path of a place where money can be; carries every dimension, so that a fold needs nothing else. */
export type Account = string & { readonly __brand: 'Account' };

/** So much of one quota line from one account to another. `amount` is 元 with two decimals. */
export interface Movement {
  readonly quotaLine: QuotaLineId;
  readonly from: Account;
  readonly to: Account;
  readonly amount: string;
}

export const sourceAccount = (channelCode: string): Account => `source:${channelCode}` as Account;
export const receivedAccount = (division: string, year: number): Account =>
  `pool:${division}:${year}:received` as Account;
export const availableAccount = (division: string, year: number): Account =>
  `pool:${division}:${year}:available` as Account;
export const transitAccount = (transferNo: string): Account => `transit:${transferNo}` as Account;
export const recalledAccount = (division: string, year: number): Account => `recalled:${division}:${year}` as Account;
export const carriedAccount = (division: string, year: number): Account => `carried:${division}:${year}` as Account;

export type ProjectAccountState = 'available' | 'held' | 'paid';
export const projectAccount = (projectCode: string, place: string, state: ProjectAccountState): Account =>
  `project:${projectCode}:${place}:${state}` as Account;

export type AccountKind =
  | { readonly kind: 'source'; readonly channelCode: string }
  | { readonly kind: 'received' | 'available'; readonly division: string; readonly year: number }
  | { readonly kind: 'transit'; readonly transferNo: string }
  | {
      readonly kind: 'project';
      readonly projectCode: string;
      readonly place: string;
      readonly state: ProjectAccountState;
    }
  | { readonly kind: 'recalled' | 'carried'; readonly division: string; readonly year: number };

/** The parts of a path, as many as a path ever has. Every event's paths are read, and this is faster than `split`. */
const pathParts = (path: string): readonly [head: string, first: string, second: string, third: string] => {
  const parts: [string, string, string, string] = ['', '', '', ''];
  let from = 0;
  for (let part = 0; part < parts.length; part += 1) {
    const end = path.indexOf(':', from);
    if (end === -1) {
      parts[part] = path.slice(from);
      break;
    }
    parts[part] = path.slice(from, end);
    from = end + 1;
  }
  return parts;
};

/** Reads an account path; a path of any other form is a defect of the writer and throws. */
export const parseAccount = (account: string): AccountKind => {
  const [head, first, second, third] = pathParts(account);
  switch (head) {
    case 'source':
      return { kind: 'source', channelCode: first };
    case 'transit':
      return { kind: 'transit', transferNo: first };
    case 'pool':
      if (third === 'received' || third === 'available') {
        return { kind: third, division: first, year: Number(second) };
      }
      break;
    case 'project':
      if (third === 'available' || third === 'held' || third === 'paid') {
        return { kind: 'project', projectCode: first, place: second, state: third };
      }
      break;
    case 'recalled':
    case 'carried':
      return { kind: head, division: first, year: Number(second) };
  }
  throw new Error(`not an account path: ${account}`);
};
