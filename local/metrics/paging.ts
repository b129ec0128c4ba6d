/** A page of a list, and the token of the next one. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

/** The page after `token`, which is the number of items before it. */
export function pageOf<T>(items: readonly T[], most: number, token = '0'): Page<T> {
  const from = Number(token);
  const to = from + most;
  return { items: items.slice(from, to), ...(to < items.length ? { nextToken: String(to) } : {}) };
}

/** A token that {@link pageOf} has given. */
export const TOKEN = /^\d{1,9}$/;
