import { Empty, StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb';

/**
 * A place between two records, as a server tells how far it has looked. Where a following begins behind a record, both
 * are that record's position; where it begins with the next one, `prepare` is smaller.
 */
export interface Place {
  readonly commit: number;
  readonly prepare: number;
}

/** Where a reading of everything begins: with the record at a position, at a place, or at one of the ends. */
export type From = number | Place | 'start' | 'end';

const { Options } = ReadReq;

const common = (): ReadReq.Options =>
  new Options().setResolveLinks(false).setUuidOption(new Options.UUIDOption().setString(new Empty()));

const isBackwards = (options: ReadReq.Options, backwards: boolean): ReadReq.Options =>
  options.setReadDirection(backwards ? Options.ReadDirection.BACKWARDS : Options.ReadDirection.FORWARDS);

export const streamRequest = (stream: string, from: number | 'end', limit: number, backwards = false): ReadReq => {
  const streamOptions = new Options.StreamOptions().setStreamIdentifier(
    new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8')),
  );
  if (from === 'end') streamOptions.setEnd(new Empty());
  else streamOptions.setRevision(String(from));
  const options = isBackwards(common(), backwards).setStream(streamOptions).setCount(String(limit));
  return new ReadReq().setOptions(options.setNoFilter(new Empty()));
};

/** Reads what lies in streams whose names begin so. */
export const allRequest = (prefixes: readonly string[], from: From, limit: number, backwards = false): ReadReq => {
  const options = isBackwards(common(), backwards).setAll(allFrom(from)).setCount(String(limit));
  return new ReadReq().setOptions(options.setFilter(prefixFilter(prefixes)));
};

/** Reads whatever there is, others' records as well. */
export const everythingRequest = (from: From, limit: number, backwards = false): ReadReq => {
  const options = isBackwards(common(), backwards).setAll(allFrom(from)).setCount(String(limit));
  return new ReadReq().setOptions(options.setNoFilter(new Empty()));
};

/** Follows what lies in streams whose names begin so; the record at the position itself is not delivered again. */
export const followRequest = (prefixes: readonly string[], after: number | Place | 'start'): ReadReq => {
  const options = common().setAll(allFrom(after)).setSubscription(new Options.SubscriptionOptions());
  return new ReadReq().setOptions(options.setFilter(prefixFilter(prefixes)));
};

const allFrom = (from: From): ReadReq.Options.AllOptions => {
  const all = new Options.AllOptions();
  if (from === 'start') return all.setStart(new Empty());
  if (from === 'end') return all.setEnd(new Empty());
  const { commit, prepare } = typeof from === 'number' ? { commit: from, prepare: from } : from;
  return all.setPosition(new Options.Position().setCommitPosition(String(commit)).setPreparePosition(String(prepare)));
};

/** Records that a server looks through before it tells how far it is, also when nothing among them passes. */
const CHECKPOINT_RECORDS = 1024;

const prefixFilter = (prefixes: readonly string[]): ReadReq.Options.FilterOptions =>
  new Options.FilterOptions()
    .setStreamIdentifier(new Options.FilterOptions.Expression().setPrefixList([...prefixes]))
    .setMax(CHECKPOINT_RECORDS)
    .setCheckpointintervalmultiplier(1);
