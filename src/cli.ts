import { runCli } from './cli/program';
import { endWithReader } from './platform/end-with-reader';

endWithReader();

void runCli(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
