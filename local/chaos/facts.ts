import type { DeadLetterMessage } from '../../lambdas/aws/dead-letter-queue.ts';
import type { OnFailureDocument } from '../esm/protocol.ts';
import type { Commits } from './commit-log.ts';
import type { PlannedRecord } from './load.ts';

/** A record as its stream holds it. */
export interface StoredRecord {
  readonly shard: string;
  readonly sequence: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** What is there once everything is drained, each read from where it is kept. */
export interface Facts {
  /** Every record that a producer had accepted, repeats included. */
  readonly sent: readonly PlannedRecord[];
  /** The input stream, all shards. */
  readonly stream: readonly StoredRecord[];
  /** Items of the state table. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** What was to be sent of their versions. */
  readonly commits: Commits;
  /** Messages of the dead-letter queue. */
  readonly letters: readonly DeadLetterMessage[];
  /** Documents of the on-failure queue. */
  readonly documents: readonly OnFailureDocument[];
  /** The stream of effects, all shards. */
  readonly updates: readonly StoredRecord[];
}

/** The one name that all of the account uses for a record. */
export const placeOf = ({ shard, sequence }: { readonly shard: string; readonly sequence: string }): string =>
  `${shard}:${sequence}`;
