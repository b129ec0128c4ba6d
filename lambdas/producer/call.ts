import type { Clock } from './clock.ts';
import { CallTimeoutError } from './failures.ts';
import type { Packet } from './lane.ts';
import type { Delivery, PutRecords, RecordError } from './record.ts';

/** An answer for each packet, or why there is none. */
export type CallResult =
  | { readonly answers: readonly (Delivery | RecordError)[] }
  | { readonly answers?: undefined; readonly error: unknown };

/** Makes one call. Ends in time, and when the signal aborts, even if the client does not. */
export async function call(
  put: PutRecords,
  packets: readonly Packet[],
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<CallResult> {
  const timedOut = new AbortController();
  const ended = new AbortController();
  startTimeout(timeoutMs, clock, timedOut, ended.signal);
  const either = AbortSignal.any([signal, timedOut.signal]);
  const records = packets.map(({ lane, data }) => ({ partitionKey: lane.partitionKey, data }));
  try {
    return { answers: await abortable(either, () => put(records, either)) };
  } catch (error) {
    return { error: either.aborted ? either.reason : error };
  } finally {
    ended.abort();
  }
}

function startTimeout(timeoutMs: number, clock: Clock, timedOut: AbortController, ended: AbortSignal): void {
  clock.sleep(timeoutMs, ended).then(
    () => timedOut.abort(new CallTimeoutError(timeoutMs)),
    (error: unknown) => {
      if (!ended.aborted) throw error;
    },
  );
}

/** What `work` comes to, or the signal's reason if it aborts first. */
export async function abortable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
