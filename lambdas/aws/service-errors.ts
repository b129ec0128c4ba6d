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

/** How a failure that is known to pass does so: the service asks for less, or is not there. */
export type PassingFailure = 'throttled' | 'unavailable';

/** What is known to pass; undefined for all else. */
export function passingFailure(error: unknown): PassingFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const names = [error.name, 'code' in error ? String(error.code) : ''];
  if (names.some((name) => THROTTLES.has(name))) return 'throttled';
  if (names.some((name) => OUTAGES.has(name)) || (httpStatusOf(error) ?? 0) >= 500) return 'unavailable';
  return undefined;
}

/** The kind of an error code in the answer to part of a batch call: whatever is no throttle is taken to pass as well. */
export const passingCode = (code: string | undefined): PassingFailure =>
  code !== undefined && THROTTLES.has(code) ? 'throttled' : 'unavailable';

/** The status of a service's answer as the SDK keeps it; undefined if there was none. */
export function httpStatusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  const status = metadata && typeof metadata === 'object' && 'httpStatusCode' in metadata ? metadata.httpStatusCode : 0;
  return typeof status === 'number' && status > 0 ? status : undefined;
}
