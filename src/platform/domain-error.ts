/** Why a request failed, as every edge (HTTP, CLI, import report) shows it. */
export interface Refusal {
  /** Stable, UPPER_SNAKE_CASE; programs may rely on it. */
  readonly code: string;
  /** Chinese sentence: what is wrong, with the values. */
  readonly message: string;
  /** The same in English. */
  readonly messageEn: string;
  /** What the person can do about it, in Chinese. */
  readonly remedy: string;
  /** The same in English. */
  readonly remedyEn: string;
  /** The values the sentences speak of, for programs. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/**
 * What kind of failure it is decides the exit code and the HTTP status, in one place each:
 * `input` the request itself cannot be understood or names something unknown;
 * `rule` the ledger's rules refuse it; `conflict` somebody else wrote at the same time, or the id is another command's;
 * `not-found`; `unauthenticated`; `verification`; `unavailable` the log or the disk cannot be reached or written.
 */
export type FailureKind =
  'input' | 'rule' | 'conflict' | 'not-found' | 'unauthenticated' | 'verification' | 'unavailable';

/** The one error that is shown to users; everything else that is thrown is a defect of ours. */
export class DomainError extends Error implements Refusal {
  readonly kind: FailureKind;
  readonly code: string;
  readonly messageEn: string;
  readonly remedy: string;
  readonly remedyEn: string;
  readonly parameters: Readonly<Record<string, unknown>>;

  constructor(kind: FailureKind, refusal: Refusal) {
    super(refusal.message);
    this.name = 'DomainError';
    this.kind = kind;
    this.code = refusal.code;
    this.messageEn = refusal.messageEn;
    this.remedy = refusal.remedy;
    this.remedyEn = refusal.remedyEn;
    this.parameters = refusal.parameters ?? {};
  }

  toRefusal(): Refusal {
    return {
      code: this.code,
      message: this.message,
      messageEn: this.messageEn,
      remedy: this.remedy,
      remedyEn: this.remedyEn,
      parameters: this.parameters,
    };
  }
}

/** A refusal in the order in which it is read. */
export const refusal = (
  code: string,
  message: string,
  messageEn: string,
  remedy: string,
  remedyEn: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Refusal => ({ code, message, messageEn, remedy, remedyEn, parameters });

/** A refusal of what one field says; edges point at that field. */
export const refuseValue = (
  code: string,
  field: string,
  value: string,
  message: string,
  messageEn: string,
  remedy: string,
  remedyEn: string,
): DomainError =>
  new DomainError('input', { code, message, messageEn, remedy, remedyEn, parameters: { field, value } });

export const assertNever = (value: never): never => {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
};
