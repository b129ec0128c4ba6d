import { ShardMap } from './shard-map.ts';
import { ShardPace } from './shard-pace.ts';

/** A shard that is written to more slowly for a while. */
export interface PacedShard {
  readonly shardId: string;
  /** Of the shard's limits, above 0 and up to 1. */
  readonly share: number;
}

/** A record, by the hash of its partition key: worked out only where it is needed. */
export interface Hashed {
  readonly hashKey: string;
}

/** Slows down the shards that throttle, and only those. */
export class Pacing {
  readonly #shards = new ShardMap();
  readonly #paces = new Map<string, ShardPace>();

  paced(): readonly PacedShard[] {
    return [...this.#paces].map(([shardId, { share }]) => ({ shardId, share }));
  }

  /** Epoch milliseconds from which the record may go; not after `nowMs` if it may now. */
  readyAt(record: Hashed, nowMs: number): number {
    return this.#paceOf(record)?.readyAt(nowMs) ?? nowMs;
  }

  sent(record: Hashed, bytes: number, nowMs: number): void {
    this.#paceOf(record)?.take(bytes, nowMs);
  }

  delivered({ hashKey }: Hashed, shardId: string, nowMs: number): void {
    this.#learn(hashKey, shardId);
    const pace = this.#paces.get(shardId);
    pace?.answered(false, nowMs);
    if (pace?.isCalm(nowMs)) this.#paces.delete(shardId);
  }

  /** @param named the shard that the service named, if it did. */
  throttled({ hashKey }: Hashed, named: string | undefined, nowMs: number): void {
    if (named !== undefined) this.#learn(hashKey, named);
    const shardId = named ?? this.#shards.shardOf(hashKey);
    if (shardId === undefined) return;
    let pace = this.#paces.get(shardId);
    if (pace === undefined) {
      pace = new ShardPace(nowMs);
      this.#paces.set(shardId, pace);
    }
    pace.answered(true, nowMs);
  }

  #learn(hashKey: string, shardId: string): void {
    if (!this.#shards.learn(hashKey, shardId)) return;
    // Shards that a split or a merge has closed take no more records.
    for (const paced of this.#paces.keys()) if (!this.#shards.has(paced)) this.#paces.delete(paced);
  }

  #paceOf(record: Hashed): ShardPace | undefined {
    if (this.#paces.size === 0) return undefined;
    const shardId = this.#shards.shardOf(record.hashKey);
    return shardId === undefined ? undefined : this.#paces.get(shardId);
  }
}
