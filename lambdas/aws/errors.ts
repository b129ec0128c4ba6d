import { TransientError } from '../runtime/ports.ts';

/** Error names by which AWS's services say "slow down". */
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'TooManyRequestsException',
  'KMSThrottlingException',
  'SlowDown',
  'LimitExceededException',
]);

/** Error names and codes of services, and networks, that are not there at the moment. */
const OUTAGES = new Set([
  'InternalServerError',
  'InternalFailure',
  'InternalError',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'NetworkingError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

/** Throws a TransientError for what is known to pass, and `error` itself for all else. `port` prefixes the code: `store.throttled`. */
export function rethrow(port: string, error: unknown): never {
  const transient = transientOf(port, error);
  throw transient ?? error;
}

/** A TransientError for what is known to pass, else undefined. */
export function transientOf(port: string, error: unknown): TransientError | undefined {
  if (!(error instanceof Error)) return undefined;
  const names = [error.name, 'code' in error ? String(error.code) : ''];
  if (names.some((name) => THROTTLES.has(name))) {
    return new TransientError(`${port}.throttled`, `${error.name}: ${error.message}`, { cause: error });
  }
  if (names.some((name) => OUTAGES.has(name)) || statusOf(error) >= 500) {
    return new TransientError(`${port}.unavailable`, `${error.name}: ${error.message}`, { cause: error });
  }
  return undefined;
}

function statusOf(error: Error): number {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status = metadata && typeof metadata === 'object' && 'httpStatusCode' in metadata ? metadata.httpStatusCode : 0;
  return typeof status === 'number' ? status : 0;
}

/** A TransientError for an error code in the answer to part of a batch call. */
export const transientCode = (port: string, code: string | undefined, message: string | undefined): TransientError =>
  new TransientError(
    `${port}.${code !== undefined && THROTTLES.has(code) ? 'throttled' : 'unavailable'}`,
    `${code ?? 'unknown error'}: ${message ?? 'no message'}`,
  );
