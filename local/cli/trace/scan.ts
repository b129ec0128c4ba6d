import { setTimeout as delay } from 'node:timers/promises';
import { transientOf } from '../../../lambdas/aws/errors.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { envelopeSchema } from '../../../lambdas/core/event.ts';
import type { Position } from '../../../lambdas/core/position.ts';
import { parsePayload, Undecodable } from '../../../lambdas/runtime/decode/payload.ts';
import { type DecodeSettings, decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import type { ReadResult, ShardSource } from '../../esm/ports.ts';
import type { ReadPosition } from '../../esm/protocol.ts';
import type { StreamRecord } from '../../esm/types.ts';

/** An event where a stream holds it. */
export interface Sighting {
  readonly position: Position;
  /** Epoch milliseconds. */
  readonly arrivalMs: number;
  readonly event: CloudEvent;
}

export interface Scan {
  readonly source: ShardSource;
  /** How its records are read; every type of the catalogue, whoever handles it. */
  readonly reading: DecodeSettings;
  readonly from: ReadPosition;
  /** Pause between two reads of a shard, which gives 5 a second to all its readers together. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  readonly onRead?: (records: number) => void;
}

const MOST = 1_000;
const ATTEMPTS = 8;
const BACKOFF_MS = 250;

/**
 * What a stream holds of some events, up to now: shard by shard, parents before children, so that events of one key come in their order. What
 * processors would reject is seen as well, if it is a CloudEvent at all.
 */
export async function scan(run: Scan, keep: (sighting: Sighting) => boolean): Promise<readonly Sighting[]> {
  const beganMs = Date.now();
  const kept: Sighting[] = [];
  const shards = await patiently(run.signal, () => run.source.listShards(run.signal));
  let records = 0;
  for (const { shardId } of shards.toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1))) {
    for await (const record of recordsOf(run, shardId, beganMs)) {
      kept.push(...sightingsIn(record, shardId, run.reading).filter(keep));
      run.onRead?.(++records);
    }
  }
  return kept;
}

async function* recordsOf(run: Scan, shardId: string, untilMs: number): AsyncGenerator<StreamRecord> {
  for (let from = run.from; ; ) {
    const read: ReadResult = await patiently(run.signal, () => run.source.read(shardId, from, MOST, run.signal));
    yield* read.records;
    const last = read.records.at(-1);
    const isAtTip = last === undefined && read.millisBehindLatest === 0;
    if (read.exhausted || isAtTip || (last !== undefined && last.arrivalMs > untilMs)) return;
    if (last !== undefined) from = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber };
    if (run.pauseMs > 0) await delay(run.pauseMs, undefined, { signal: run.signal });
  }
}

function sightingsIn(
  { sequenceNumber: sequence, partitionKey, arrivalMs, data }: StreamRecord,
  shard: string,
  reading: DecodeSettings,
): readonly Sighting[] {
  return decodeRecord({ shard, sequence, partitionKey, arrivalMs, data }, reading).items.flatMap((item) => {
    if (item.kind === 'ignored') return [];
    const [made, position] =
      item.kind === 'event' ? [item.incoming.event, item.incoming.position] : [undefined, item.position];
    // As it came, with the extensions that processors do not read; what an adapter made of it is an event as well.
    const event = eventIn(item.payload()) ?? made;
    return event === undefined ? [] : [{ position, arrivalMs, event }];
  });
}

function eventIn(payload: Uint8Array): CloudEvent | undefined {
  try {
    const { value } = parsePayload(payload);
    return envelopeSchema.safeParse(value).success ? (value as CloudEvent) : undefined;
  } catch (error) {
    if (error instanceof Undecodable) return undefined;
    throw error;
  }
}

/** Waits for what passes by itself: a shard whose reads others have taken, a service that is busy. */
async function patiently<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted || transientOf('stream', error) === undefined) throw error;
      await delay(BACKOFF_MS * 2 ** attempt * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
}
