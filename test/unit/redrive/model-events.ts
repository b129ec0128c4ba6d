import type { Incoming } from '../../../lambdas/core/fold.ts';
import type { Copy } from '../../../lambdas/core/redrive.ts';
import type { Candidate } from '../../../local/cli/redrive/engine.ts';
import { eventJson, happened } from '../../support/counter.ts';

/** The one key of the model, and the one shard. */
export const KEY = 'k';
export const SHARD = 'shardId-000000000000';

/** A record of the model's stream: an event is known by a number. */
export interface StreamRecord {
  readonly id: number;
  readonly sequence: number;
  readonly arrivalMs: number;
}

/** The record as its processor folds it. */
export function incoming({ id, sequence, arrivalMs }: StreamRecord, throws = false): Incoming {
  return {
    event: eventJson({ id: String(id), key: KEY, arrivalMs, data: { throws } }) as Incoming['event'],
    definition: happened,
    version: 1,
    position: { stream: 'in', shard: SHARD, sequence: String(sequence), index: 0 },
    arrivalMs,
    idHash: BigInt(id),
  };
}

/** The record's event as a redrive sees it. */
export const candidateOf = (record: StreamRecord & { readonly fate: Copy['fate'] }): Candidate => ({
  copy: {
    fate: record.fate,
    idHash: BigInt(record.id),
    sequence: String(record.sequence),
    arrivalMs: record.arrivalMs,
  },
  key: KEY,
  markId: String(record.id),
  event: incoming(record).event,
  partitionKey: KEY,
});
