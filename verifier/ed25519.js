'use strict';

/*
 * Signatures of RFC 8032, Ed25519. The platform's own check is used where it has one; the one below is for browsers
 * that have none. Both demand the same: a number S below the group's order, and R equal byte for byte. Of keys platforms
 * demand more or less; here a key has one way to be written and is not one of the few for which anybody can sign.
 */

const FIELD = 2n ** 255n - 19n;
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** @param {bigint} value @returns {bigint} */
const inField = (value) => {
  const rest = value % FIELD;
  return rest < 0n ? rest + FIELD : rest;
};

/** @param {bigint} base @param {bigint} exponent @returns {bigint} */
const fieldPower = (base, exponent) => {
  let result = 1n;
  let square = inField(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = inField(result * square);
    square = inField(square * square);
  }
  return result;
};

/** @param {bigint} value @returns {bigint} */
const fieldInverse = (value) => fieldPower(value, FIELD - 2n);

const CURVE_D = inField(-121665n * fieldInverse(121666n));
const ROOT_OF_MINUS_ONE = fieldPower(2n, (FIELD - 1n) / 4n);

/** Extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z and xy = T/Z. */
/** @typedef {readonly [bigint, bigint, bigint, bigint]} Point */

/** @type {Point} */
const NEUTRAL_POINT = [0n, 1n, 1n, 0n];

/** @param {Point} left @param {Point} right @returns {Point} */
const addPoints = ([x1, y1, z1, t1], [x2, y2, z2, t2]) => {
  const a = inField((y1 - x1) * (y2 - x2));
  const b = inField((y1 + x1) * (y2 + x2));
  const c = inField(2n * t1 * t2 * CURVE_D);
  const d = inField(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [inField(e * f), inField(g * h), inField(f * g), inField(e * h)];
};

/** @param {Point} point @param {bigint} times @returns {Point} */
const multiplyPoint = (point, times) => {
  let sum = NEUTRAL_POINT;
  let doubled = point;
  for (let rest = times; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) sum = addPoints(sum, doubled);
    doubled = addPoints(doubled, doubled);
  }
  return sum;
};

/** @param {Uint8Array} bytes @returns {bigint} */
const littleEndian = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** Null for bytes that are no point, or not the only way to write one. */
/** @param {Uint8Array} bytes @returns {Point | null} */
const decodePoint = (bytes) => {
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = number & (2n ** 255n - 1n);
  if (y >= FIELD) return null;
  const numerator = inField(y * y - 1n);
  const denominator = inField(CURVE_D * y * y + 1n);
  let x = inField(
    numerator * denominator ** 3n * fieldPower(inField(numerator * denominator ** 7n), (FIELD - 5n) / 8n),
  );
  if (inField(denominator * x * x) === inField(-numerator)) x = inField(x * ROOT_OF_MINUS_ONE);
  if (inField(denominator * x * x) !== numerator) return null;
  if (x === 0n && sign === 1n) return null;
  if ((x & 1n) !== sign) x = FIELD - x;
  return [x, y, 1n, inField(x * y)];
};

/** @param {Point} point @returns {Uint8Array} */
const encodePoint = ([x, y, z]) => {
  const inverse = fieldInverse(z);
  let number = inField(y * inverse) | ((inField(x * inverse) & 1n) << 255n);
  const bytes = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) {
    bytes[index] = Number(number & 255n);
    number >>= 8n;
  }
  return bytes;
};

/** y = 4/5 with the even x. */
const BASE_POINT = /** @type {Point} */ (decodePoint(encodePoint([0n, inField(4n * fieldInverse(5n)), 1n, 0n])));

/** Null for bytes that are no key, or one of small order, which anybody can sign for. */
/** @param {Uint8Array} publicKey @returns {Point | null} */
const soundKey = (publicKey) => {
  const point = publicKey.length === 32 ? decodePoint(publicKey) : null;
  if (point === null) return null;
  const [x, y, z] = multiplyPoint(point, 8n);
  return x === 0n && y === z ? null : point;
};

/** @param {Uint8Array} publicKey @param {Uint8Array} message @param {Uint8Array} signature @returns {boolean} */
const verifyEd25519Here = (publicKey, message, signature) => {
  if (signature.length !== 64) return false;
  const key = soundKey(publicKey);
  const s = littleEndian(signature.subarray(32));
  if (key === null || s >= GROUP_ORDER) return false;
  const r = signature.subarray(0, 32);
  const challenge = littleEndian(sha512(joinBytes([r, publicKey, message]))) % GROUP_ORDER;
  const [x, y, z, t] = key;
  const minusKey = /** @type {Point} */ ([inField(-x), y, z, inField(-t)]);
  return sameBytes(encodePoint(addPoints(multiplyPoint(BASE_POINT, s), multiplyPoint(minusKey, challenge))), r);
};

/** The platform's answer, or null where the platform knows no Ed25519. */
/**
 * @param {Uint8Array} publicKey @param {Uint8Array} message @param {Uint8Array} signature
 * @returns {Promise<boolean | null>}
 */
const verifyEd25519OnPlatform = async (publicKey, message, signature) => {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return null;
  try {
    const key = await subtle.importKey('raw', new Uint8Array(publicKey), { name: 'Ed25519' }, false, ['verify']);
    return await subtle.verify({ name: 'Ed25519' }, key, new Uint8Array(signature), new Uint8Array(message));
  } catch {
    return null;
  }
};

/** @param {Uint8Array} publicKey @param {Uint8Array} message @param {Uint8Array} signature @returns {Promise<boolean>} */
const verifyEd25519 = async (publicKey, message, signature) =>
  soundKey(publicKey) !== null &&
  ((await verifyEd25519OnPlatform(publicKey, message, signature)) ?? verifyEd25519Here(publicKey, message, signature));
