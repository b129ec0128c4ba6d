import type { ReadPosition } from '../../esm/protocol.ts';
import type { Shard } from '../../esm/types.ts';

/** Where a tail begins. */
export type TailStart =
  /** The oldest record that the stream keeps. */
  | { readonly kind: 'horizon' }
  /** What arrives from now on. */
  | { readonly kind: 'now' }
  | { readonly kind: 'time'; readonly timestampMs: number };

/** A shard that may be read now. */
export interface ReadyShard {
  readonly shardId: string;
  readonly from: ReadPosition;
}

/**
 * Which shards may be read: one whose parents are all read to their ends, or have left the stream, so that the records of a key come in
 * order through every split and merge.
 */
export class Lineage {
  readonly #start: TailStart;
  readonly #known = new Map<string, Shard & { readonly from: ReadPosition; begun: boolean; done: boolean }>();
  #listed = false;

  constructor(start: TailStart) {
    this.#start = start;
  }

  /** Shards that are read, or wait for their parents. */
  get open(): number {
    return [...this.#known.values()].filter(({ done }) => !done).length;
  }

  /** Takes a listing of the whole stream. @returns the shards that may be read from now on. */
  learn(listed: readonly Shard[]): readonly ReadyShard[] {
    const parents = new Set(listed.flatMap(({ parentShardIds }) => parentShardIds));
    for (const shard of listed) {
      if (this.#known.has(shard.shardId)) continue;
      const from = this.#positionOf();
      // What a closed shard holds is older than its children, and so than now.
      const done = from.kind === 'LATEST' && parents.has(shard.shardId);
      this.#known.set(shard.shardId, { ...shard, from, begun: done, done });
    }
    this.#listed = true;
    return this.#ready();
  }

  /** The shard is read to its end. @returns the shards that may be read from now on. */
  end(shardId: string): readonly ReadyShard[] {
    const shard = this.#known.get(shardId);
    if (shard !== undefined) shard.done = true;
    return this.#ready();
  }

  /** Whether the shard has children that are known. */
  hasChildren(shardId: string): boolean {
    return [...this.#known.values()].some(({ parentShardIds }) => parentShardIds.includes(shardId));
  }

  /** A shard that is found later holds what came after those of the first listing, so that it is read from its beginning. */
  #positionOf(): ReadPosition {
    if (this.#listed || this.#start.kind === 'horizon') return { kind: 'TRIM_HORIZON' };
    if (this.#start.kind === 'now') return { kind: 'LATEST' };
    return { kind: 'AT_TIMESTAMP', timestampMs: this.#start.timestampMs };
  }

  #ready(): readonly ReadyShard[] {
    const ready = [...this.#known.values()].filter(
      ({ begun, parentShardIds }) => !begun && parentShardIds.every((id) => this.#known.get(id)?.done ?? true),
    );
    for (const shard of ready) shard.begun = true;
    return ready.map(({ shardId, from }) => ({ shardId, from }));
  }
}
