import type { Attributes } from '../core/row.ts';
import type { ListedIndex } from '../core/view.ts';

/** A page of one partition of an index, highest sort key first. */
export interface IndexRead {
  readonly index: ListedIndex;
  readonly partition: string;
  /** Only entries whose sort key is so. */
  readonly bound?: { readonly operator: '<' | '<='; readonly sort: string | number };
  /** The key at which the page before ended; it need not exist any more. */
  readonly after?: Attributes;
  /** Entries at most. */
  readonly limit: number;
}

export interface IndexPage {
  readonly items: readonly Attributes[];
  /** What the next page begins after; absent on the last one. A page may be empty and not be the last. */
  readonly next?: Attributes;
}

/** The state table of one system, read only. Both throw TransientError for what may work later. */
export interface Rows {
  /** The item under a key, undefined if there is none. A consistent read sees every write that was answered before it. */
  get(key: string, consistent: boolean): Promise<Attributes | undefined>;
  page(read: IndexRead): Promise<IndexPage>;
}
