import { httpStatusOf, passingCode, passingFailure } from '../aws/service-errors.ts';
import type { Clock } from './clock.ts';
import type { DeliveryFailure } from './errors.ts';
import type { RecordError } from './record.ts';

const BACKOFF = { baseMs: 50, capMs: 5_000 } as const;

/** A wait with full jitter after so many failures, in milliseconds (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). */
export const backoffMs = (failures: number, { random }: Pick<Clock, 'random'>): number =>
  random() * Math.min(BACKOFF.capMs, BACKOFF.baseMs * 2 ** (failures - 1));

/** A call that was not answered in time. */
export class CallTimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor(ms: number) {
    super(`No answer within ${ms} ms`);
  }
}

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

export const failureOfRecord = (error: RecordError): DeliveryFailure => ({
  kind: passingCode(error.name),
  message: describe(error),
  cause: error,
});

export const failureOfCall = (error: unknown): DeliveryFailure => ({
  kind: passingFailure(error) ?? 'refused',
  message: describe(error),
  cause: error,
});

export const aborted = (reason: unknown): DeliveryFailure => ({
  kind: 'aborted',
  message: describe(reason),
  cause: reason,
});

/** By which the SDK says that there was nothing to sign a request with. */
const UNSIGNED = new Set(['CredentialsProviderError', 'TokenProviderError']);

/**
 * Whether a call that failed may have put its records: unless the service itself said that it did not, or there was no request. An answer
 * of 200 that cannot be read is one of a call that did.
 */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof Error && UNSIGNED.has(error.name)) return false;
  const status = httpStatusOf(error);
  return status === undefined || status < 400 || status >= 500;
}
