import { TransientError } from './ports.ts';

/**
 * Calls a port and turns every failure into a TransientError: what is not recognised may be a missing permission or a defect of an
 * adapter, which a deployment mends; the record waits for it and is not lost. Ends at once when the signal aborts, even if the port
 * does not.
 */
export async function attempt<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T | TransientError> {
  try {
    return await abortable(signal, call);
  } catch (error) {
    if (signal.aborted)
      return new TransientError('invocation.deadline', 'The invocation ran out of time', { cause: error });
    if (error instanceof TransientError) return error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return new TransientError('port.unexpected', `A port failed in an unknown way: ${what}`, { cause: error });
  }
}

async function abortable<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const waiting = waitingFor(signal);
  waiting.add(aborted.reject);
  try {
    return await Promise.race([call(), aborted.promise]);
  } finally {
    waiting.delete(aborted.reject);
  }
}

type Reject = (reason: unknown) => void;

const waitingBySignal = new WeakMap<AbortSignal, Set<Reject>>();

/** Who is told when the signal aborts: one listener for all, since a signal looks through its listeners whenever one comes or goes. */
function waitingFor(signal: AbortSignal): Set<Reject> {
  const known = waitingBySignal.get(signal);
  if (known !== undefined) return known;
  const waiting = new Set<Reject>();
  waitingBySignal.set(signal, waiting);
  const rejectAll = (): void => {
    for (const reject of waiting) reject(signal.reason);
  };
  signal.addEventListener('abort', rejectAll, { once: true });
  return waiting;
}

/** Runs `work` on every item, at most `limit` at a time. */
export async function eachLimit<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
