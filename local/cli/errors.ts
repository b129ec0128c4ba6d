/** Exit codes of the command line. After a signal it is 128 plus the signal's number, as a shell would have it. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** What a person can do something about: shown by its message alone, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** One line on why something failed. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
