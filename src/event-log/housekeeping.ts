import { categoryOf } from './stream-categories';

/**
 * Categories of streams in which a log that several nodes share keeps what the nodes must agree on: who signs,
 * where the ledger ends, and which import is not finished. They are no part of the ledger: not of what `readAll` and `subscribeAll` deliver, not
 * of the tree, not of a copy.
 */
export const HOUSEKEEPING_CATEGORIES = ['notary', 'import'] as const;

/** Terms of the notaries and the checkpoints they signed. */
export const NOTARY_STREAM = 'notary-checkpoints';

/** Where the ledger ends on a server on which others have written much behind it. */
export const LOG_END_STREAM = 'notary-end';

/** Imports that began and ended on a log whose units can be cut in two. */
export const IMPORT_JOURNAL_STREAM = 'import-journal';

const CATEGORIES: ReadonlySet<string> = new Set(HOUSEKEEPING_CATEGORIES);

export const isHousekeeping = (stream: string): boolean => CATEGORIES.has(categoryOf(stream));
