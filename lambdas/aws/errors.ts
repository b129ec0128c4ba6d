import { TransientError } from '../runtime/ports.ts';
import { passingCode, passingFailure } from './service-errors.ts';

/** Throws a TransientError for what is known to pass, and `error` itself for all else. `port` prefixes the code: `store.throttled`. */
export function rethrow(port: string, error: unknown): never {
  const transient = transientOf(port, error);
  throw transient ?? error;
}

/** A TransientError for what is known to pass, else undefined. */
export function transientOf(port: string, error: unknown): TransientError | undefined {
  const kind = passingFailure(error);
  if (kind === undefined || !(error instanceof Error)) return undefined;
  return new TransientError(`${port}.${kind}`, `${error.name}: ${error.message}`, { cause: error });
}

/** A TransientError for an error code in the answer to part of a batch call. */
export const transientCode = (port: string, code: string | undefined, message: string | undefined): TransientError =>
  new TransientError(`${port}.${passingCode(code)}`, `${code ?? 'unknown error'}: ${message ?? 'no message'}`);
