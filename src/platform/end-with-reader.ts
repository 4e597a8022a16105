/**
 * Ends quietly when whoever reads our output has had enough, as in `yichi export | head`.
 *
 * @param failed what is done when the output can be written no further for any other reason; without it, that is thrown
 */
export const endWithReader = (failed?: (error: unknown) => void): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    if (failed === undefined) throw error;
    failed(error);
  });
};
