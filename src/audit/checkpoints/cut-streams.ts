import type { Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { isAskedForWhole } from '../../event-log/stream-categories';
import type { StoredLeaf } from '../../event-log/tree/log-tree';
import { DomainError } from '../../platform/domain-error';
import { type Finding, finding } from '../proofs/finding';

/** How a log says that it cannot show a stream from its first event on. */
const CUT_CODES: readonly string[] = ['LOG_CORRUPT', 'LOG_STREAM_DELETED'];

/**
 * Streams of a log on a server that are not there any more from their first event on, although whoever reads everything
 * still meets all their events: an administrator of the server can delete and cut streams, and until it is tidied up only
 * those notice who read that stream. Nothing can be booked in it any more.
 */
export class CutStreams {
  readonly #firsts = new Map<string, Position>();

  /** The same pages, looked at in passing. */
  async *noting(pages: AsyncIterable<readonly StoredLeaf[]>): AsyncGenerator<readonly StoredLeaf[]> {
    for await (const page of pages) {
      for (const { stream, position } of page) {
        if (!this.#firsts.has(stream) && isAskedForWhole(stream)) this.#firsts.set(stream, position);
      }
      yield page;
    }
  }

  async findings(log: EventLog): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (const [stream, position] of this.#firsts) {
      if ((await firstPosition(log, stream)) !== position) found.push(streamCut(stream, position));
    }
    return found;
  }
}

const firstPosition = async (log: EventLog, stream: string): Promise<Position | null> => {
  try {
    const [first] = await log.readStream(stream, 0, 1);
    return first?.position ?? null;
  } catch (error) {
    if (error instanceof DomainError && CUT_CODES.includes(error.code)) return null;
    throw error;
  }
};

const streamCut = (stream: string, position: Position): Finding =>
  finding(
    'STREAM_CUT',
    position,
    `流 ${stream} 在服务器上被删除或截断：按流读不到它的第一个事件，对它的记账会被拒绝`,
    `stream ${stream} was deleted or cut on the server: it does not begin with its first event any more, and entries to it are refused`,
  );
