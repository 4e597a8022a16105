/**
 * Categories of the ledger's streams: the part of a stream's name before its first `-`. On a server that others use
 * as well, these are ours, and nobody else may write to them. A log that is asked for everything answers with these.
 */
export const LEDGER_CATEGORIES = [
  'pool',
  'registry',
  'project',
  'cycle',
  'plan',
  'zone',
  'statement',
  'evaluation',
  'user',
  'policy',
] as const;

/**
 * Whether decisions about money rest on the stream, so that a look at the whole log asks whether a server still shows it
 * from its first event on. Of projects there are too many.
 */
export const isAskedForWhole = (stream: string): boolean => WHOLE_CATEGORIES.includes(categoryOf(stream));

const WHOLE_CATEGORIES: readonly string[] = ['pool', 'registry'];

/** The category of a stream: its whole name when there is no `-` in it. */
export const categoryOf = (stream: string): string => {
  const hyphen = stream.indexOf('-');
  return hyphen < 0 ? stream : stream.slice(0, hyphen);
};
