import { type AccountKind, parseAccount } from '../pool/account';

/** Kinds of accounts as the read database numbers them. */
export const ACCOUNT_KIND = {
  source: 0,
  received: 1,
  available: 2,
  transit: 3,
  projectAvailable: 4,
  projectHeld: 5,
  projectPaid: 6,
  recalled: 7,
  carried: 8,
} as const;
export type AccountKindNumber = (typeof ACCOUNT_KIND)[keyof typeof ACCOUNT_KIND];

const PROJECT_KINDS = {
  available: ACCOUNT_KIND.projectAvailable,
  held: ACCOUNT_KIND.projectHeld,
  paid: ACCOUNT_KIND.projectPaid,
} as const;

export interface AccountDimensions {
  readonly kind: AccountKindNumber;
  readonly projectCode: string | null;
  readonly place: string | null;
}

/** The dimensions of an account that its path tells; its pool comes from the stream or the event. */
export const accountDimensions = (path: string): AccountDimensions => {
  const account: AccountKind = parseAccount(path);
  return account.kind === 'project'
    ? { kind: PROJECT_KINDS[account.state], projectCode: account.projectCode, place: account.place }
    : { kind: ACCOUNT_KIND[account.kind], projectCode: null, place: null };
};

export const isProjectKind = (kind: number): boolean =>
  kind >= ACCOUNT_KIND.projectAvailable && kind <= ACCOUNT_KIND.projectPaid;

export const isPoolKind = (kind: number): boolean => kind === ACCOUNT_KIND.received || kind === ACCOUNT_KIND.available;
