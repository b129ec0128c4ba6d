import { setTimeout as delay } from 'node:timers/promises';

/** Lets so many pass in a second, evenly. Resolves early if the signal aborts. */
export function paceOf(perSecond: number, signal: AbortSignal): () => Promise<void> {
  const gapMs = 1000 / perSecond;
  let nextMs = 0;
  return async () => {
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, nextMs);
    nextMs = atMs + gapMs;
    if (atMs <= nowMs || signal.aborted) return;
    try {
      await delay(atMs - nowMs, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
}
