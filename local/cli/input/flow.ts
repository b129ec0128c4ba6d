import type { Environment } from '../../../lambdas/runtime/ports.ts';

/** The first `most` of the items; reads none beyond. */
export async function* limited<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<T> {
  let left = most;
  if (left <= 0) return;
  for await (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}

/** The items, evenly, at `perSecond` on average from the first one on; after a stall it catches up. */
export async function* paced<T>(
  items: AsyncIterable<T>,
  perSecond: number,
  { now, sleep }: Pick<Environment, 'now' | 'sleep'>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let startMs: number | undefined;
  let given = 0;
  for await (const item of items) {
    startMs ??= now();
    const dueMs = startMs + (given / perSecond) * 1_000;
    if (dueMs > now()) await sleep(dueMs - now(), signal);
    yield item;
    given += 1;
  }
}
