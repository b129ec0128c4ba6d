import { setTimeout as delay } from 'node:timers/promises';
import { type Delivery, type PutRecords, RecordError, type StreamRecord } from '../../lambdas/producer/index.ts';
import { systemEnvironment } from '../cli/environment.ts';
import { send } from '../cli/send/send.ts';
import type { PlannedRecord } from './load.ts';
import type { Random } from './random.ts';

/** One in so many requests is answered with some of its records refused, as an overloaded shard does. */
const PARTIAL_EVERY = 10;

/** What producers did so far. */
export interface Produced {
  accepted: number;
  /** Records that were refused in a request whose other records got in. */
  refused: number;
}

/**
 * Sends one producer's records when they are due, and in order of each key, until `isOver`. Resolves once all that were due are accepted.
 *
 * @returns the records that were.
 */
export async function produce(
  records: readonly PlannedRecord[],
  put: PutRecords,
  produced: Produced,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<readonly PlannedRecord[]> {
  const startMs = Date.now();
  const sent: PlannedRecord[] = [];
  let before = 0;
  const onProgress = (accepted: number): void => {
    produced.accepted += accepted - before;
    before = accepted;
  };
  async function* whenDue(aborted: AbortSignal): AsyncGenerator<StreamRecord> {
    for (const record of records) {
      const early = startMs + record.dueMs - Date.now();
      if (early > 0) await delay(early, undefined, { signal: aborted });
      if (isOver()) return;
      sent.push(record);
      yield { partitionKey: record.partitionKey, data: record.data };
    }
  }
  await send(whenDue, put, { signal, environment: systemEnvironment, onProgress });
  return sent;
}

/** Requests of which some records are held back and refused, which an emulator's shard never does by itself. */
export function withPartialFailures(put: PutRecords, produced: Produced, random: Random): PutRecords {
  return async (records, signal) => {
    if (records.length < 2 || random.below(PARTIAL_EVERY) > 0) return put(records, signal);
    const refused = records.map(() => random.chance(0.5));
    const sent = records.filter((_, nth) => !refused[nth]);
    const answers = sent.length > 0 ? await put(sent, signal) : [];
    if (answers.length !== sent.length) throw new Error(`${answers.length} answers came for ${sent.length} records`);
    produced.refused += records.length - sent.length;
    const remaining = answers.values();
    return refused.map((held) => (held ? REFUSED : (remaining.next().value as Delivery | RecordError)));
  };
}

const REFUSED = new RecordError('ProvisionedThroughputExceededException', 'Refused by the chaos run');
