import { setTimeout as delay } from 'node:timers/promises';
import { httpStatusOf } from '../../../lambdas/aws/service-errors.ts';
import { REDRIVE } from '../../../lambdas/core/redrive.ts';
import { type PutRecords, Sender, UndeliveredError } from '../../../lambdas/producer/index.ts';
import { whyNot } from '../status/section.ts';
import type { Candidate, PutOutcome } from './engine.ts';

const ATTEMPTS = 6;
const PAUSE_MS = 200;
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/**
 * Puts one event by the producer library. What the stream itself refused for now is tried again; once an answer is missing nothing is,
 * so that one claim never stands for two records.
 */
export async function putOne(
  records: PutRecords,
  { event, partitionKey }: Candidate,
  notAfterMs: number,
  now: () => number,
): Promise<PutOutcome> {
  const data = Buffer.from(JSON.stringify(event));
  for (let attempt = 1; ; attempt++) {
    if (now() > notAfterMs) return { kind: 'not-put', message: 'The stream did not take it in time' };
    const outcome = await attemptOne(records, { partitionKey, data });
    if (outcome.kind !== 'throttled') return outcome;
    if (attempt === ATTEMPTS) return { kind: 'not-put', message: outcome.message };
    await delay(PAUSE_MS * 2 ** attempt * Math.random());
  }
}

type Attempt = PutOutcome | { readonly kind: 'throttled'; readonly message: string };

async function attemptOne(
  records: PutRecords,
  record: { readonly partitionKey: string; readonly data: Uint8Array },
): Promise<Attempt> {
  let failed: { readonly error: unknown } | undefined;
  const put: PutRecords = async (batch, signal) => {
    try {
      return await records(batch, signal);
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  const settings = { lingerMs: 0, attempts: 1, paceShards: false, callTimeoutMs: REDRIVE.putMs } as const;
  const sender = new Sender(put, settings);
  const receipt = await sender.sendRecord(record);
  try {
    const { shardId, sequenceNumber } = await receipt.delivered();
    return { kind: 'acknowledged', shard: shardId, sequence: sequenceNumber };
  } catch (error) {
    const undelivered = error instanceof UndeliveredError ? error.undelivered[0] : undefined;
    if (undelivered === undefined) throw error;
    const { failure, inDoubt } = undelivered;
    // A throttle is the service's own word, of the record or of the whole call.
    if (failure.kind === 'throttled') return { kind: 'throttled', message: failure.message };
    if (failed === undefined) return { kind: inDoubt ? 'in-doubt' : 'not-put', message: failure.message };
    return { kind: isWithoutEffect(failed.error) ? 'not-put' : 'in-doubt', message: whyNot(failed.error) };
  } finally {
    await closed(sender);
  }
}

/** Its receipt has told already what could not be delivered. */
async function closed(sender: Sender): Promise<void> {
  try {
    await sender.close();
  } catch (error) {
    if (!(error instanceof UndeliveredError)) throw error;
  }
}

/** Whether a call that failed has certainly put nothing: the service refused it, or it reached nobody. */
function isWithoutEffect(error: unknown): boolean {
  const status = httpStatusOf(error);
  return status === undefined ? isWithoutConnection(error) : status >= 400 && status < 500;
}

/** Whether no connection was there: then nothing can have arrived. Node gathers one failure for each address that it tried. */
function isWithoutConnection(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isWithoutConnection);
  if (!(error instanceof Error)) return false;
  if ('syscall' in error && error.syscall === 'connect') return true;
  // The SDK's handler destroys a request whose connection takes too long, and has no code for it.
  return (
    error.message.includes('did not establish a connection') || ('code' in error && UNREACHED.has(String(error.code)))
  );
}
