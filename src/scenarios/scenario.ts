import type { Dimension } from '../balances/balances-query';
import type { Measure } from '../balances/measures';
import type { PoolCommandName, PoolCommands } from '../ledger/pool-decisions';
import type { Fen } from '../money/fen';
import type { Adjustment } from '../pool/pool-command';
import type { Milestones, ProjectParticulars } from '../project-library/project';
import type { Channel } from '../registry/channels/channels';
import type { Department } from '../registry/departments/departments';
import type { Division } from '../registry/divisions/divisions';
import type { Purpose } from '../registry/purposes/purposes';

/** Where in a scenario file something stands. */
export interface ScenarioSource {
  readonly file: string;
  readonly line: number;
}

/** One command to one pool; name and content belong together. */
export type PoolCall<Name extends PoolCommandName = PoolCommandName> = {
  readonly [Key in Name]: { readonly name: Key; readonly command: PoolCommands[Key] };
}[Name];

/** What a step does when its turn comes. */
export type StepWork =
  /** One command; for `pay` the three of a payment. */
  | { readonly kind: 'commands'; readonly calls: readonly PoolCall[] }
  | {
      readonly kind: 'reversal';
      readonly step: string;
      /** The taking division, where a transfer to several is reversed. */
      readonly to: string | null;
      readonly reversalNo: string;
      readonly reason: string;
      readonly adjustment: Adjustment | null;
    }
  /** Of a capability that the ledger does not have yet. */
  | { readonly kind: 'later'; readonly what: string };

export interface ExpectedRejection {
  readonly code: string;
  /** Parameters that the refusal must have, as texts. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ScenarioStep {
  readonly id: string;
  readonly on: string;
  /** The word of the file: `appropriate`, `pay`, … */
  readonly do: string;
  readonly work: StepWork;
  readonly expectRejected: ExpectedRejection | null;
  /** Why it waits for a later capability; such a step is not played. */
  readonly pending: string | null;
  readonly source: ScenarioSource;
  /** Command ids derive from it: the name of the step's own scenario and its id. */
  readonly key: string;
}

export interface ScenarioProject {
  readonly particulars: ProjectParticulars;
  readonly milestones: Milestones;
}

/** What must be registered before the first step. */
export interface ScenarioRegistry {
  /** Business date of registrations that name none. */
  readonly on: string;
  readonly divisions: readonly Division[];
  readonly departments: readonly Department[];
  readonly purposes: readonly Purpose[];
  readonly channels: readonly Channel[];
  readonly projects: readonly ScenarioProject[];
}

export interface ExpectedFigure {
  /** Null: the table's total. */
  readonly key: string | null;
  readonly measure: Measure;
  readonly amount: Fen;
  readonly source: ScenarioSource;
}

export interface ExpectedTable {
  readonly by: Dimension;
  readonly under: string | null;
  readonly year: string | null;
  readonly figures: readonly ExpectedFigure[];
  /** Every key that is not listed must be zero in these measures; null: it is not looked at. */
  readonly othersAreZeroIn: readonly Measure[] | null;
  readonly source: ScenarioSource;
}

/** Balances expected on a business date, looked at after a step or at the end. */
export interface ScenarioMoment {
  readonly moment: string;
  readonly asOf: string;
  readonly after: string | null;
  readonly pending: string | null;
  readonly tables: readonly ExpectedTable[];
  readonly source: ScenarioSource;
}

/** A scenario file that was understood, together with the one it is based on. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly registry: ScenarioRegistry;
  /** In the order of recording. */
  readonly steps: readonly ScenarioStep[];
  readonly moments: readonly ScenarioMoment[];
}
