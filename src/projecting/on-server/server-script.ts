import { createHash } from 'node:crypto';

import { PROJECTION_NAMES, type ProjectionName, projectionSource } from '../projection-loader';

/** An official projection as it goes to a server. */
export interface ServerScript {
  readonly projection: ProjectionName;
  /** What it is called there: it tells which text runs. */
  readonly name: string;
  readonly script: string;
}

/** Enough of the hash that two texts never meet. */
const HASH_LETTERS = 8;

export const serverScript = (projection: ProjectionName, source = projectionSource(projection)): ServerScript => {
  const hash = createHash('sha256').update(source).digest('hex').slice(0, HASH_LETTERS);
  return { projection, name: `yichi-${projection}-${hash}`, script: source };
};

/** The four files as they are now. */
export const serverScripts = (): readonly ServerScript[] => PROJECTION_NAMES.map((name) => serverScript(name));

/** Which official projection a name on the server stands for, in whatever version; null for others' projections. */
export const projectionOf = (name: string): ProjectionName | null =>
  PROJECTION_NAMES.find((projection) => {
    const prefix = `yichi-${projection}-`;
    return name.startsWith(prefix) && /^[0-9a-f]{8}$/.test(name.slice(prefix.length));
  }) ?? null;

/** A key of a state as it was before the server's notation of it, see `stateKey` in the prelude. */
export const plainKey = (key: string): string =>
  key.replace(/~([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number(`0x${code}`)));
