import { canonicalJson } from '../event-log/canonical-json';
import { subjectOf } from '../pool/correcting/particulars';
import type { PoolCommands } from './pool-decisions';

/**
 * Content of a command in canonical form. Neither the order of a document's lines nor the numbers that tell them apart,
 * nor the approval that let it into a closed period, nor the reversal after which it is entered again (重记), make it
 * another document: an office's ledger that is imported again does not know of the approval.
 */
export const fingerprintOf = (name: string, command: object): string => {
  const said =
    'adjustment' in command || 'rebooks' in command
      ? { ...command, adjustment: undefined, rebooks: undefined }
      : command;
  const content = 'original' in said ? { ...said, ...namedBy(said as PoolCommands['ReverseEntry']) } : said;
  if (!('lines' in content) || !Array.isArray(content.lines)) return canonicalJson({ name, content });
  const [first, second] = content.lines as readonly object[];
  // Nearly every document has one line without a number, and is written down as it is.
  if (second === undefined && (first === undefined || !('lineNo' in first))) return canonicalJson({ name, content });
  const lines = content.lines.map(withoutNumber);
  return canonicalJson({
    name,
    content: { ...content, lines: second === undefined ? lines : lines.map(canonicalJson).sort() },
  });
};

/** An entry by its event. What is to stand again in two pools is the same, whichever of its reversals is named. */
const namedBy = (reversal: PoolCommands['ReverseEntry']): object =>
  reversal.takersReversal === undefined
    ? { original: reversal.original.id }
    : { original: undefined, takersReversal: undefined, restores: subjectOf(reversal).entryId };

const withoutNumber = (line: object): object => ('lineNo' in line ? { ...line, lineNo: undefined } : line);
