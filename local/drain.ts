import type { Mapping } from './mapping.ts';

/**
 * Resolves once every mapping has processed what was in its stream, and what functions put there on the way: if one
 * answered while the others drained, all are waited for once more.
 *
 * @param now the mappings' clock.
 * @throws the signal's reason once it is aborted, and if a mapping stops first.
 */
export async function untilDrained(
  mappings: readonly Mapping[],
  now: () => number,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    const sinceMs = now();
    await orAborted(Promise.all(mappings.map((mapping) => mapping.drained(sinceMs))), signal);
    if (mappings.every((mapping) => mapping.lastAnswerMs < sinceMs && mapping.isDrained(sinceMs))) return;
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
