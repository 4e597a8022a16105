import { hash } from 'node:crypto';

import { DomainError } from '../platform/domain-error';

const UUID_BYTES = 16;
const UUID_LENGTH = 36;
const HYPHEN = 0x2d;

/** Value of each hexadecimal digit by its character code; other characters are marked. */
const NO_DIGIT = 0xff;
const HEX_VALUES = new Uint8Array(128).fill(NO_DIGIT);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX_VALUES[digit.charCodeAt(0)] = value;
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Characters beyond ASCII have no place in the table. */
const hexValue = (code: number): number => (code < 128 ? (HEX_VALUES[code] as number) : NO_DIGIT);

/** Reads a UUID of any version in its usual form; false for any other text. Every event passes here several times. */
const readUuid = (text: string, target: Uint8Array): boolean => {
  if (text.length !== UUID_LENGTH) return false;
  let character = 0;
  let digits = 0;
  for (let byte = 0; byte < UUID_BYTES; byte += 1) {
    // The hyphens stand before bytes 4, 6, 8 and 10.
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) {
      if (text.charCodeAt(character) !== HYPHEN) return false;
      character += 1;
    }
    const high = hexValue(text.charCodeAt(character));
    const low = hexValue(text.charCodeAt(character + 1));
    digits |= high | low;
    target[byte] = (high << 4) | low;
    character += 2;
  }
  return digits < UUID_BYTES;
};

const SCRATCH = new Uint8Array(UUID_BYTES);

/** A UUID of any version in its usual form with hyphens. */
export const isUuid = (text: string): boolean => readUuid(text, SCRATCH);

/** Writes the 16 bytes of a UUID to the start of `target`. Anything but a UUID throws a RangeError. */
export const writeUuidBytes = (uuid: string, target: Uint8Array): void => {
  if (!readUuid(uuid, target)) throw new RangeError(`not a UUID: ${JSON.stringify(uuid)}`);
};

/** The 16 bytes of a UUID, as the embedded log keeps ids. */
export const uuidBytes = (uuid: string): Buffer => {
  const bytes = Buffer.allocUnsafe(UUID_BYTES);
  writeUuidBytes(uuid, bytes);
  return bytes;
};

/** A UUID in its usual form, from its bytes. */
export const uuidText = (bytes: Buffer): string => uuidOfHex(bytes.toString('hex'));

/** A UUID in its usual form, from its 32 hexadecimal digits. */
export const uuidOfHex = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

const TEXT = Buffer.alloc(UUID_LENGTH, HYPHEN);
const DIGITS = Buffer.from('0123456789abcdef', 'latin1');

/**
 * RFC 9562 section 5.5: the version and variant bits are laid over the first 128 bits of the SHA-1, which comes as one
 * character for each byte. The text is written in one piece, because a text that is put together of many is slower to
 * make and slower to use.
 */
const versionFive = (sha1: string): string => {
  let character = 0;
  for (let byte = 0; byte < UUID_BYTES; byte += 1) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) character += 1;
    let value = sha1.charCodeAt(byte);
    if (byte === 6) value = (value & 0x0f) | 0x50;
    if (byte === 8) value = (value & 0x3f) | 0x80;
    TEXT[character] = DIGITS[value >> 4] as number;
    TEXT[character + 1] = DIGITS[value & 0x0f] as number;
    character += 2;
  }
  return TEXT.toString('latin1');
};

/** UUIDv5 (RFC 9562) of a name in a namespace. */
export const uuidV5 = (namespace: string, name: string): string => {
  const nameBytes = Buffer.from(name, 'utf8');
  const input = Buffer.allocUnsafe(UUID_BYTES + nameBytes.length);
  writeUuidBytes(namespace, input);
  nameBytes.copy(input, UUID_BYTES);
  return versionFive(hash('sha1', input, 'binary'));
};

const ONE_DIGIT_INPUT = Buffer.allocUnsafe(UUID_BYTES + 1);
const CODE_OF_ZERO = 0x30;

/** Id of a command's event: UUIDv5 of the command id and the event's index, so that a repeat makes the same ids. */
export const eventId = (commandId: string, index: number): string => {
  if (index > 9) return uuidV5(commandId, String(index));
  // Nearly every command has few events; their input fits one buffer that is made once.
  writeUuidBytes(commandId, ONE_DIGIT_INPUT);
  ONE_DIGIT_INPUT[UUID_BYTES] = CODE_OF_ZERO + index;
  return versionFive(hash('sha1', ONE_DIGIT_INPUT, 'binary'));
};

/** Namespace of the command ids that Yichi derives from texts; a promise, because stored ids follow from it. */
export const YICHI_NAMESPACE = '6f5f0a0e-3d0b-5c6e-9a53-6c1f4f2f7b11';

/** Command id for a text that names a command: an Idempotency-Key, or the key of a document. */
export const commandIdFrom = (text: string): string => uuidV5(YICHI_NAMESPACE, text);

/** The one spelling of a command id that is stored and compared. */
export const requireCommandId = (commandId: string): string => {
  if (!isUuid(commandId)) {
    throw new DomainError('input', {
      code: 'COMMAND_ID_INVALID',
      message: `命令编号不是 UUID：${commandId}`,
      messageEn: `The command id is not a UUID: ${commandId}`,
      remedy: '请使用 UUID 作为命令编号，或由幂等键生成。',
      remedyEn: 'Use a UUID as command id, or derive it from an idempotency key.',
      parameters: { commandId },
    });
  }
  return commandId.toLowerCase();
};
