import { setTimeout as delay } from 'node:timers/promises';
import { REDRIVE } from '../../../lambdas/core/redrive.ts';
import { type PutRecords, RecordError, Sender, UndeliveredError } from '../../../lambdas/producer/index.ts';
import { reasonOf } from '../errors.ts';
import type { Candidate, PutOutcome } from './engine.ts';

const ATTEMPTS = 6;
const PAUSE_MS = 200;
/** What fails before a connection is there: the request cannot have arrived. */
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
  const settings = { lingerMs: 0, attempts: 1, paceShards: false, callTimeoutMs: REDRIVE.putMs } as const;
  const sender = new Sender(knowingUnreached(records), settings);
  const receipt = await sender.sendRecord(record);
  try {
    const { shardId, sequenceNumber } = await receipt.delivered();
    return { kind: 'acknowledged', shard: shardId, sequence: sequenceNumber };
  } catch (error) {
    const undelivered = error instanceof UndeliveredError ? error.undelivered[0] : undefined;
    if (undelivered === undefined) throw error;
    const { failure, inDoubt } = undelivered;
    if (inDoubt) return { kind: 'in-doubt', message: failure.message };
    return { kind: failure.kind === 'throttled' ? 'throttled' : 'not-put', message: failure.message };
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

/** The producer library holds every call without an answer to be in doubt. One that reached nobody is not. */
const knowingUnreached =
  (records: PutRecords): PutRecords =>
  async (batch, signal) => {
    try {
      return await records(batch, signal);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!UNREACHED.has(code)) throw error;
      return batch.map(() => new RecordError(code, reasonOf(error)));
    }
  };
