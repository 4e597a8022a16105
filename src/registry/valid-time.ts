/** One version of something that is in force for a time. `null` is open: since ever, until further notice. */
export interface Version {
  readonly name: string;
  readonly validFrom: string | null;
  /** Last day in force. */
  readonly validTo: string | null;
}

/** The version in force on a day: of several, the one that began last. */
export const versionOn = <V extends Version>(versions: readonly V[] | undefined, on: string): V | undefined => {
  let inForce: V | undefined;
  for (const version of versions ?? []) {
    const begins = version.validFrom ?? '';
    if (begins > on || (version.validTo !== null && version.validTo < on)) continue;
    if (inForce === undefined || begins >= (inForce.validFrom ?? '')) inForce = version;
  }
  return inForce;
};

/** The newest version, in force or not: for naming what old entries speak of. */
export const newestVersion = <V extends Version>(versions: readonly V[] | undefined): V | undefined => {
  let newest: V | undefined;
  for (const version of versions ?? []) {
    if (newest === undefined || (version.validFrom ?? '') >= (newest.validFrom ?? '')) newest = version;
  }
  return newest;
};

/** Replaces the version that began on the same day, or adds one. */
export const withVersion = <V extends Version>(versions: readonly V[] | undefined, version: V): readonly V[] => [
  ...(versions ?? []).filter((known) => known.validFrom !== version.validFrom),
  version,
];
