import { eventTooLarge } from './server-failure';
import type { FormedEvent, StoredForm } from './stored-form';

/** What the server counts of an event towards the largest append. */
const bytesOf = ({ data, metadata, type }: StoredForm): number =>
  data.length + metadata.length + Buffer.byteLength(type, 'utf8') * 2;

/**
 * Divides a batch into appends that the server takes. Events of one command stay together, so that a command is never
 * stored in part.
 *
 * @throws DomainError EVENT_TOO_LARGE when one command is larger than an append may be
 */
export const appendChunks = (
  stream: string,
  events: readonly FormedEvent[],
  maxBytes: number,
): readonly (readonly FormedEvent[])[] => {
  const chunks: FormedEvent[][] = [];
  let chunk: FormedEvent[] = [];
  let chunkBytes = 0;
  for (let from = 0; from < events.length;) {
    const { commandId } = events[from] as FormedEvent;
    let to = from;
    let bytes = 0;
    while (events[to]?.commandId === commandId) {
      bytes += bytesOf((events[to] as FormedEvent).form);
      to += 1;
    }
    if (bytes > maxBytes) throw eventTooLarge(stream, bytes, maxBytes);
    if (chunk.length > 0 && chunkBytes + bytes > maxBytes) {
      chunks.push(chunk);
      chunk = [];
      chunkBytes = 0;
    }
    chunk.push(...events.slice(from, to));
    chunkBytes += bytes;
    from = to;
  }
  chunks.push(chunk);
  return chunks;
};
