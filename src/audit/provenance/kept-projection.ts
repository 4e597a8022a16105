import { createHash } from 'node:crypto';

import { canonicalJson } from '../../event-log/canonical-json';
import type { CommandRunner } from '../../event-log/command-runner';
import type { StreamKind } from '../../event-log/decider';
import type { CommandEnvelope, DomainEvent } from '../../event-log/event';

/** The text of a projection as it ran, kept under its own hash; see docs/adr/0014. */
export interface KeptProjection {
  readonly sha256: string;
  readonly name: string;
  /** What official projections have in common, followed by the projection itself. */
  readonly source: string;
}

export type ProjectionKept = DomainEvent<'ProjectionKept', KeptProjection>;

interface Kept {
  projection: KeptProjection | null;
}

const keptProjectionKind: StreamKind<Kept, ProjectionKept> = {
  category: 'projection',
  schemaVersion: 1,
  initial: () => ({ projection: null }),
  evolve: (kept, event) => {
    kept.projection = event.data;
    return kept;
  },
};

const streamOf = (sha256: string): string => `projection-${sha256}`;

export const sha256Of = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Puts the text into the log, once. */
export const keepProjection = async (
  commands: CommandRunner,
  name: string,
  source: string,
  envelope: CommandEnvelope,
): Promise<string> => {
  const sha256 = sha256Of(source);
  await commands.execute({
    stream: streamOf(sha256),
    kind: keptProjectionKind,
    fingerprint: canonicalJson({ name: 'KeepProjection', content: { sha256 } }),
    envelope: { ...envelope, basis: name, metadata: { command: 'KeepProjection' } },
    decide: ({ projection }): readonly ProjectionKept[] =>
      projection === null ? [{ type: 'ProjectionKept', data: { sha256, name, source } }] : [],
  });
  return sha256;
};

/** The text with a hash; null when the log does not have it, or has another text in its place. */
export const findKeptProjection = async (commands: CommandRunner, sha256: string): Promise<KeptProjection | null> => {
  const { projection } = (await commands.load(streamOf(sha256), keptProjectionKind)).state;
  return projection !== null && sha256Of(projection.source) === sha256 ? projection : null;
};
