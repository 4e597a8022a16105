import type { ChannelKind, ChannelLevel } from '../registry/channels/channel-kind';

export interface ChannelFacts {
  readonly channelCode: string;
  readonly name: string;
  /** Owner on the business date asked for, after mergers. */
  readonly departmentCode: string;
  readonly level: ChannelLevel;
  readonly kind: ChannelKind;
  /** Empty: every purpose. */
  readonly allowedPurposes: readonly string[];
  readonly cashRequired: boolean;
}

export interface ProjectFacts {
  readonly projectCode: string;
  readonly name: string;
  readonly division: string;
  readonly purposeCode: string;
  /** Revision of the project's stream at which it was given this purpose. */
  readonly purposeSince: number;
  readonly places: readonly string[];
  /** Business date of entering the library, or null while it is only declared. */
  readonly enteredOn: string | null;
  readonly exitedOn: string | null;
}

/** What a decision about money looks at outside its own pool; the revisions it rests on are sealed in the events. */
export interface PoolFacts {
  channel(code: string, on: string): ChannelFacts | undefined;
  hasPurpose(code: string): boolean;
  /** A purpose covers itself and everything under it. */
  purposeCovers(purpose: string, other: string): boolean;
  /** Registered and in force on the date. */
  hasDivision(code: string, on: string): boolean;
  divisionName(code: string): string;
  project(code: string): ProjectFacts | undefined;
}
