import type { ServerEvent } from './stored-form';

/** What makes a server hide events of a stream: a first revision to begin with, a greatest number, a greatest age. */
const CUTS = ['$tb', '$maxCount', '$maxAge'] as const;

/** Whether a record of a stream's metadata has the server hide events of it; deleting is hiding up to the last one. */
export const saysCut = ({ data }: Pick<ServerEvent, 'data'>): boolean => {
  try {
    const metadata = JSON.parse(Buffer.from(data).toString('utf8')) as Readonly<Record<string, unknown>> | null;
    return metadata !== null && CUTS.some((cut) => typeof metadata[cut] === 'number' && metadata[cut] > 0);
  } catch {
    return false;
  }
};
