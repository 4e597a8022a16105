import { compileSources } from '../../support/compile-sources';

/** Compiles a verifying thread and what it loads into a directory; the path of its script. */
export const compileVerifyThread = (directory: string): string =>
  compileSources(directory, [
    'src/audit/proofs',
    'src/audit/checkpoints',
    'src/event-log',
    'src/money',
    'src/platform',
    'src/pool',
    'src/projecting',
  ])('src/audit/checkpoints/verify-thread.ts');
