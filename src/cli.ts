import { exitCodeOf } from './cli/exit-code';
import { outputFailed } from './cli/output-failure';
import { languageOf, runCli } from './cli/program';
import { Terminal } from './cli/terminal';
import { endWithReader } from './platform/end-with-reader';

const args = process.argv.slice(2);

endWithReader((error) => {
  const failure = outputFailed(error);
  // Not as a document either: the output is what cannot be written.
  new Terminal(languageOf(args, process.env), false).failure(failure);
  process.exit(exitCodeOf(failure));
});

void runCli(args).then((exitCode) => {
  process.exitCode = exitCode;
});
