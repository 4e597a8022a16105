import { existsSync } from 'node:fs';

import type { LiveFinding } from '../replay/live-finding';
import { fileDamaged } from '../replay/table-findings';
import { checkReadFile, type Threads } from './part-threads';

/** What is wrong with the file of the read tables; that there is none is for the comparison of its rows to say. */
export const readFileFindings = async (file: string, threads?: Threads): Promise<readonly LiveFinding[]> =>
  existsSync(file) ? (await checkReadFile(file, threads)).map((cause) => fileDamaged(file, cause)) : [];
