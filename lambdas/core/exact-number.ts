/** Least magnitude of a DynamoDB number but zero (developer guide, "Supported data types"). */
const LEAST_MAGNITUDE = 1e-130;

/**
 * Whether a number can be kept as it was written: not beyond 2^53, where integers blur, nor `1e999`, nor what DynamoDB refuses, which in a row would
 * block its key for ever.
 */
export function isExactNumber(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude <= Number.MAX_SAFE_INTEGER && (magnitude === 0 || magnitude >= LEAST_MAGNITUDE);
}
