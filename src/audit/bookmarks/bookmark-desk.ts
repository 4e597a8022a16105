import { canonicalJson } from '../../event-log/canonical-json';
import type { CommandRunner } from '../../event-log/command-runner';
import type { CommandAnswer } from '../../event-log/decider';
import type { CommandEnvelope } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { type Moment, type MomentRequest, readMoment } from '../../balances/moment-request';
import { positionNotReached, requireAfterFirstEvent } from '../../balances/moment';
import { todayInShanghai } from '../../platform/business-date';
import {
  type Bookmark,
  type BookmarkData,
  BOOKMARKS_STREAM,
  bookmarksKind,
  bookmarkUnknown,
  requireBookmarkName,
  setBookmark,
} from './bookmark';
import { positionOfTreeSize, treeHeadAt } from './tree-head';

/** What a bookmark is to stand for: by itself the newest event. */
export interface BookmarkWish extends MomentRequest {
  readonly name: string;
  readonly remark: string | null;
}

type Asking = Pick<CommandEnvelope, 'commandId' | 'correlationId' | 'causationId' | 'actor'>;

/** Sets and finds bookmarks, and knows the moment that a request names. */
export class BookmarkDesk {
  readonly #log: EventLog;
  readonly #commands: CommandRunner;
  readonly #now: () => Date;

  constructor(log: EventLog, commands: CommandRunner, now: () => Date) {
    this.#log = log;
    this.#commands = commands;
    this.#now = now;
  }

  /**
   * Names a moment for good.
   *
   * @throws DomainError BOOKMARK_NAME_INVALID, BOOKMARK_NAME_TAKEN, POSITION_NOT_REACHED, BEFORE_FIRST_EVENT
   */
  async set(wish: BookmarkWish, asking: Asking): Promise<CommandAnswer> {
    const name = requireBookmarkName(wish.name);
    const moment = await this.moment(wish);
    const head = await this.#log.head();
    const position = moment.at ?? head;
    if (position > head) throw positionNotReached(position, head);
    const { size, root } = await treeHeadAt(this.#log, position);
    requireAfterFirstEvent(size > 0);
    const data: BookmarkData = {
      name,
      position: String(position),
      asOf: moment.asOf,
      treeSize: size,
      treeRoot: root,
      remark: wish.remark,
    };
    return this.#commands.execute({
      stream: BOOKMARKS_STREAM,
      kind: bookmarksKind,
      fingerprint: canonicalJson({ name: 'SetBookmark', content: { ...wish, name } }),
      envelope: {
        ...asking,
        effectiveOn: todayInShanghai(this.#now()),
        basis: name,
        metadata: { command: 'SetBookmark' },
      },
      decide: setBookmark(data),
    });
  }

  /** In the order in which they were set. */
  async list(): Promise<readonly Bookmark[]> {
    const { state } = await this.#commands.load(BOOKMARKS_STREAM, bookmarksKind);
    return Promise.all([...state.values()].map((data) => this.#resolve(data)));
  }

  /** @throws DomainError(not-found) BOOKMARK_UNKNOWN */
  async find(name: string): Promise<Bookmark> {
    const known = requireBookmarkName(name);
    const { state } = await this.#commands.load(BOOKMARKS_STREAM, bookmarksKind);
    const data = state.get(known);
    if (data === undefined) throw bookmarkUnknown(known);
    return this.#resolve(data);
  }

  /**
   * The moment that a request names: a position or a bookmark, a business date, both or neither. A date that is given
   * beside a bookmark takes the place of the bookmark's own.
   *
   * @throws DomainError POSITION_INVALID, DATE_INVALID, BOOKMARK_UNKNOWN
   */
  async moment(request: MomentRequest): Promise<Moment> {
    const asked = readMoment(request);
    if (asked.bookmark === null) return { asOf: asked.asOf, at: asked.at };
    const bookmark = await this.find(asked.bookmark);
    return { asOf: asked.asOf ?? bookmark.asOf, at: bookmark.position, bookmark };
  }

  /** In a log that was copied to another engine, events have other positions than when the bookmark was set. */
  async #resolve(data: BookmarkData): Promise<Bookmark> {
    const position = await positionOfTreeSize(this.#log, data.treeSize);
    return { ...data, position: position ?? Number(data.position) };
  }
}
