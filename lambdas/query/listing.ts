import { ATTRIBUTES } from '../core/names.ts';
import type { Attributes } from '../core/row.ts';
import type { ListedIndex } from '../core/view.ts';
import type { IndexRead, Rows } from './rows.ts';

/** The last entry of a page: the next page begins after it, whether it still exists or not. */
export interface ListPosition {
  readonly sort: string | number;
  /** Index of its shard among the partitions of the band. */
  readonly shard: number;
  readonly key: string;
}

export interface ListRequest {
  readonly index: ListedIndex;
  /** The shards of the band, always in the same order. */
  readonly partitions: readonly string[];
  readonly limit: number;
  readonly after?: ListPosition;
}

export interface ListPage {
  readonly items: readonly Attributes[];
  /** Absent if nothing follows. */
  readonly next?: ListPosition;
}

/**
 * Entries of all shards of a band as one list: highest sort key first, equal ones by shard, and within a shard as the index has them. As
 * that order does not depend on where pages begin, a walk through all pages shows each entry once that stays where it is; what comes to
 * the band meanwhile is shown if its place is still ahead.
 */
export async function listBand(rows: Rows, request: ListRequest): Promise<ListPage> {
  const { index, partitions, limit, after } = request;
  // Entries are spread evenly, so that each shard is likely to hold its share of a page; the rest is read when it is needed.
  const pageSize = Math.min(limit + 1, Math.max(LEAST_PAGE, Math.ceil((2 * limit) / partitions.length)));
  const shards = partitions.map(
    (partition, shard) => new ShardReader(rows, { index, partition, limit: pageSize, ...startOf(shard, request) }),
  );
  await Promise.all(shards.map((shard) => shard.fill()));
  const items: Attributes[] = [];
  let last: ListPosition | undefined = after;
  for (;;) {
    const shard = foremost(shards, index);
    const item = shard === undefined ? undefined : shards[shard]?.head;
    if (shard === undefined || item === undefined) return { items };
    if (items.length === limit) return last === undefined ? { items } : { items, next: last };
    items.push(item);
    last = { sort: sortOf(item, index), shard, key: String(item[ATTRIBUTES.key]) };
    await shards[shard]?.advance();
  }
}

const LEAST_PAGE = 4;

/** Where a shard goes on: those before the last entry's shard have shown all entries of its sort key, those after it none. */
function startOf(shard: number, { index, partitions, after }: ListRequest): Pick<IndexRead, 'bound' | 'after'> {
  if (after === undefined) return {};
  const { sort, key } = after;
  if (shard !== after.shard) return { bound: { operator: shard < after.shard ? '<' : '<=', sort } };
  return { after: { [ATTRIBUTES.key]: key, [index.partitionKey]: partitions[shard], [index.sortKey]: sort } };
}

/** The shard whose next entry comes first, undefined if all are at their ends. */
function foremost(shards: readonly ShardReader[], index: ListedIndex): number | undefined {
  let found: { readonly shard: number; readonly sort: string | number } | undefined;
  for (const [shard, { head }] of shards.entries()) {
    if (head === undefined) continue;
    const sort = sortOf(head, index);
    if (found === undefined || sort > found.sort) found = { shard, sort };
  }
  return found?.shard;
}

const sortOf = (item: Attributes, index: ListedIndex): string | number => item[index.sortKey] as string | number;

/** One shard, read page by page as far as it is needed. */
class ShardReader {
  readonly #rows: Rows;
  readonly #read: IndexRead;
  #buffer: readonly Attributes[] = [];
  #at = 0;
  #after: Attributes | undefined;
  #ended = false;

  constructor(rows: Rows, read: IndexRead) {
    this.#rows = rows;
    this.#read = read;
    this.#after = read.after;
  }

  /** The next entry; undefined at the end. */
  get head(): Attributes | undefined {
    return this.#buffer[this.#at];
  }

  async advance(): Promise<void> {
    this.#at += 1;
    await this.fill();
  }

  /** Reads on until there is an entry or the end. */
  async fill(): Promise<void> {
    while (this.head === undefined && !this.#ended) {
      const { after: _, ...read } = this.#read;
      const page = await this.#rows.page(this.#after === undefined ? read : { ...read, after: this.#after });
      this.#buffer = page.items;
      this.#at = 0;
      this.#after = page.next;
      this.#ended = page.next === undefined;
    }
  }
}
