import { rejection } from '../core/rejection.ts';
import { attempt } from './attempt.ts';
import type { Context } from './context.ts';
import type { RawRecord } from './decode/record.ts';
import { letterId } from './identity.ts';
import { TransientError } from './ports.ts';
import type { Reject } from './rejects.ts';

/**
 * A record that makes the function die or hang cannot be told from inside; bisect narrows it to a batch of its own. Such a batch, once its
 * record is old, counts an attempt before it is touched. An invocation that ends, however it ends, takes the count back: only crashes add up.
 */
export async function crashVerdict(
  context: Context,
  records: readonly RawRecord[],
): Promise<{ readonly reject: Reject | undefined; readonly counted: boolean }> {
  const [record] = records;
  const { environment, settings, ports, signal, processor, tally } = context;
  if (record === undefined || records.length > 1) return { reject: undefined, counted: false };
  if (environment.now() - record.arrivalMs <= settings.crashes.afterMs) return { reject: undefined, counted: false };
  const position = { stream: settings.stream, shard: record.shard, sequence: record.sequence, index: 0 };
  const attempts = await attempt(signal, () => ports.checkpoints.countAttempt(position, signal));
  if (attempts instanceof TransientError) {
    tally.warn('attempts.uncounted', attempts.message);
    // The answer may be all that was lost.
    return { reject: undefined, counted: true };
  }
  if (attempts < settings.crashes.attempts) return { reject: undefined, counted: true };
  const cause = rejection(
    'record.crashes',
    `Alone in its batch, it made the function die or hang ${attempts - 1} times`,
  );
  const letter = {
    id: letterId(processor.name, position),
    processor: processor.name,
    cause,
    position,
    arrivalMs: record.arrivalMs,
    partitionKey: record.partitionKey,
    payload: record.data,
  };
  return { reject: { letter, record: 0, kept: false, trouble: undefined }, counted: false };
}

/** Takes the count back after an invocation that did not crash: even one that went well may be repeated, if its answer is lost. */
export async function forgetAttempt(context: Context, record: RawRecord, signal: AbortSignal): Promise<void> {
  const { ports, settings, tally } = context;
  const position = { stream: settings.stream, shard: record.shard, sequence: record.sequence, index: 0 };
  const cleared = await attempt(signal, () => ports.checkpoints.clearAttempts(position, signal));
  if (cleared instanceof TransientError) tally.warn('attempts.not-cleared', cleared.message);
}
