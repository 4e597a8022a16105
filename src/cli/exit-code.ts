import { isOfWhatIsStored } from '../event-log/log-failure';
import { DomainError, type FailureKind } from '../platform/domain-error';
import { isOfTheTables } from '../projecting/read-model-failure';

/** What a command's exit code says; interface.md, section 1. */
export const EXIT = {
  done: 0,
  defect: 1,
  usage: 2,
  inputRefused: 3,
  ruleRefused: 4,
  verificationFailed: 5,
  unavailable: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const EXIT_OF_KIND: Readonly<Record<FailureKind, ExitCode>> = {
  input: EXIT.inputRefused,
  'not-found': EXIT.inputRefused,
  unauthenticated: EXIT.inputRefused,
  rule: EXIT.ruleRefused,
  conflict: EXIT.ruleRefused,
  verification: EXIT.verificationFailed,
  unavailable: EXIT.unavailable,
};

/** The command line itself is wrong: an option, an argument or a setting. */
export class UsageError extends Error {
  readonly refusal: DomainError;

  constructor(refusal: DomainError) {
    super(refusal.message);
    this.name = 'UsageError';
    this.refusal = refusal;
  }
}

/** What is wrong with an option's or a setting's text is wrong usage, not refused input. */
export const asUsage = <Value>(parse: () => Value): Value => {
  try {
    return parse();
  } catch (error) {
    throw error instanceof DomainError && error.kind === 'input' ? new UsageError(error) : error;
  }
};

/** A setting is also found to be wrong where it is used, deep inside. */
const SETTING_INVALID = 'SETTING_INVALID';

export const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof DomainError)) return EXIT.defect;
  if (isOfWhatIsStored(error) || isOfTheTables(error)) return EXIT.verificationFailed;
  return error.code === SETTING_INVALID ? EXIT.usage : EXIT_OF_KIND[error.kind];
};
