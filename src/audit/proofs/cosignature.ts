/** C2SP tlog-cosignature, Ed25519: what a witness signs, and how the time of it travels with the signature. */

const TIMESTAMP_BYTES = 8;
const ED25519_SIGNATURE_BYTES = 64;

/** Two lines and the whole text of the checkpoint. `timestamp` is in seconds since 1970. */
export const cosignedMessage = (checkpointText: string, timestamp: number): Buffer => {
  requireTimestamp(timestamp);
  return Buffer.from(`cosignature/v1\ntime ${timestamp}\n${checkpointText}`, 'utf8');
};

const requireTimestamp = (timestamp: number): void => {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw new RangeError(`not a time: ${timestamp}`);
};

/** Time and signature as they stand behind the key id. */
export const joinTimestamped = (timestamp: number, signature: Uint8Array): Buffer => {
  requireTimestamp(timestamp);
  const joined = Buffer.alloc(TIMESTAMP_BYTES + signature.length);
  joined.writeBigUInt64BE(BigInt(timestamp), 0);
  joined.set(signature, TIMESTAMP_BYTES);
  return joined;
};

/** Null when it cannot be an Ed25519 cosignature. */
export const splitTimestamped = (bytes: Buffer): { readonly timestamp: number; readonly signature: Buffer } | null => {
  if (bytes.length !== TIMESTAMP_BYTES + ED25519_SIGNATURE_BYTES) return null;
  const timestamp = bytes.readBigUInt64BE(0);
  // The specification ends at 2^63; a time that is no safe integer is some hundred million years away.
  if (timestamp > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return { timestamp: Number(timestamp), signature: bytes.subarray(TIMESTAMP_BYTES) };
};
