import { hash } from 'node:crypto';

/** MD5 of a partition key, which Kinesis maps to a shard, in hex: 32 digits, so that texts compare as numbers do. */
export const hashKeyOf = (partitionKey: string): string => hash('md5', partitionKey, 'hex');

interface Range {
  readonly shardId: string;
  /** The least and the greatest hash key that the shard is known to have taken. */
  readonly from: string;
  readonly to: string;
}

/**
 * Which shard takes which hash keys, learnt from answers: a shard takes one range of them, so what lies between two keys of a shard is its own
 * as well. Holds one range a shard, however many keys there are, and follows a split or a merge by the first answer that tells of it.
 */
export class ShardMap {
  /** In order, without overlaps. */
  #ranges: readonly Range[] = [];

  /** The stream said that this shard took a record of this hash key. Tells whether that is news. */
  learn(hashKey: string, shardId: string): boolean {
    if (this.shardOf(hashKey) === shardId) return false;
    const known = this.#ranges.find((range) => range.shardId === shardId);
    const from = known === undefined || hashKey < known.from ? hashKey : known.from;
    const to = known === undefined || hashKey > known.to ? hashKey : known.to;
    // What overlaps belongs to shards that are closed by now.
    const others = this.#ranges.filter((range) => range.shardId !== shardId && (range.to < from || range.from > to));
    this.#ranges = [...others, { shardId, from, to }].sort((a, b) => (a.from < b.from ? -1 : 1));
    return true;
  }

  has(shardId: string): boolean {
    return this.#ranges.some((range) => range.shardId === shardId);
  }

  /** Undefined if no answer has told of it yet. */
  shardOf(hashKey: string): string | undefined {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const range = this.#ranges[middle] as Range;
      if (hashKey < range.from) high = middle - 1;
      else if (hashKey > range.to) low = middle + 1;
      else return range.shardId;
    }
    return undefined;
  }
}
