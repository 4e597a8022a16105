import { hash } from 'node:crypto';

/**
 * What of a command's content is kept in its events' metadata (`fingerprint`): the first 32 hex digits of the SHA-256
 * of its canonical form. It tells the same command or document from another that uses its id or number.
 */
export const fingerprintHash = (fingerprint: string): string => hash('sha256', fingerprint, 'hex').slice(0, 32);
