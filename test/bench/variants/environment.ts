/** Variables by which the bench tells a variant its resources. */
export type Variable = 'STATE_TABLE' | 'IDEMPOTENCY_TABLE' | 'IN_PARALLEL' | 'LOCAL_CACHE';

/** The value of a variable. Throws an Error that names it if it is not set. */
export function requiredVariable(name: Variable): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`Environment variable ${name} is not set`);
  return value;
}
