import { runCli } from '../../src/cli/program';

/** Runs command lines one after the other on a data directory, and tells of those that do not end with 0. */
export const failuresOf = async (commands: readonly (readonly string[])[], directory: string): Promise<object[]> => {
  const failed: object[] = [];
  for (const command of commands) {
    const { status, stdout } = await runCliHere('--data', directory, '--json', ...command);
    if (status !== 0) failed.push({ command, status, stdout: stdout.slice(0, 500) });
  }
  return failed;
};

/** Runs a command line in this process, where a stand-in server can answer it, and keeps what it prints. */
export const runCliHere = async (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> => {
  let stdout = '';
  let stderr = '';
  const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => (stdout += String(text)) !== '');
  const err = jest.spyOn(process.stderr, 'write').mockImplementation((text) => (stderr += String(text)) !== '');
  try {
    const status = await runCli(args);
    return { status, stdout, stderr };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
};
