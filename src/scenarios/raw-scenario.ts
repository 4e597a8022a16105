/*
 * What a scenario file holds once docs/scenario.schema.json has let it pass. Every scalar is a text: the reader gives
 * it its meaning.
 */

export interface RawLine {
  readonly line?: string;
  readonly amount?: string;
  readonly lineNo?: string;
  readonly parent?: string;
  readonly to?: string;
  readonly integrated?: string;
  readonly project?: string;
  readonly place?: string;
  readonly fromProject?: string;
  readonly fromPlace?: string;
  readonly toProject?: string;
  readonly toPlace?: string;
  readonly toPurpose?: string;
}

export interface RawStep extends RawLine {
  readonly id: string;
  readonly on: string;
  readonly do: string;
  readonly division?: string;
  readonly year?: string;
  readonly expectRejected?:
    string | { readonly code: string; readonly parameters?: Readonly<Record<string, string | readonly string[]>> };
  readonly pending?: string;
  readonly number?: string;
  readonly rebooks?: string;
  readonly regime?: string;
  readonly selection?: string;
  readonly payee?: string;
  readonly requestedBy?: string;
  readonly approvedBy?: string;
  readonly repays?: string;
  readonly voucher?: string;
  readonly reason?: string;
  readonly recalledTo?: string;
  readonly toYear?: string;
  readonly step?: string;
  readonly month?: string;
  readonly period?: string;
  readonly adjustment?: { readonly approval: string; readonly approvedBy: string; readonly reason: string };
  readonly what?: string;
  readonly lines?: readonly RawLine[];
}

interface RawValidity {
  readonly validFrom?: string;
  readonly validTo?: string;
}

export interface RawRegistry {
  readonly on?: string;
  readonly divisionsFrom?: string | readonly string[];
  readonly divisions?: readonly (RawValidity & { readonly code: string; readonly name: string })[];
  readonly departments?: readonly (RawValidity & {
    readonly code: string;
    readonly name: string;
    readonly mergedInto?: string;
  })[];
  readonly purposes?: readonly { readonly code: string; readonly name: string; readonly parent?: string }[];
  readonly channels?: readonly {
    readonly code: string;
    readonly name: string;
    readonly department: string;
    readonly level: string;
    readonly kind: string;
    readonly purposes?: readonly string[];
    readonly cashRequired?: string;
  }[];
  readonly projects?: readonly RawProject[];
}

export interface RawProject {
  readonly code: string;
  readonly name: string;
  readonly division?: string;
  readonly purpose: string;
  readonly places: readonly string[];
  readonly category?: string;
  readonly nature?: string;
  readonly implementer?: string;
  readonly content?: string;
  readonly enteredOn?: string;
  readonly startedOn?: string;
  readonly completedOn?: string;
  readonly acceptedOn?: string;
}

export type RawRow = Readonly<Record<string, string>> | readonly string[];

export interface RawTable {
  readonly by: string;
  readonly under?: string;
  readonly year?: string;
  readonly measures?: readonly string[];
  readonly rows?: Readonly<Record<string, RawRow>>;
  readonly total?: RawRow;
  readonly complete?: string;
}

export interface RawMoment {
  readonly moment: string;
  readonly asOf: string;
  readonly after?: string;
  readonly pending?: string;
  readonly tables?: readonly RawTable[];
}

export interface RawDefaults {
  readonly division?: string;
  readonly year?: string;
  readonly requestedBy?: string;
  readonly approvedBy?: string;
}

export interface RawScenario {
  readonly scenario: string;
  readonly title: string;
  readonly unit: string;
  readonly basedOn?: string;
  readonly defaults?: RawDefaults;
  readonly registry?: RawRegistry;
  readonly lines?: Readonly<Record<string, string>>;
  readonly steps?: readonly RawStep[];
  readonly expectations?: readonly RawMoment[];
}
