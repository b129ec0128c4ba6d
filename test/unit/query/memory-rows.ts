import type { Attributes } from '../../../lambdas/core/row.ts';
import type { IndexRead, Rows } from '../../../lambdas/query/rows.ts';

/** A table in memory, with what it was asked. */
export interface MemoryRows extends Rows {
  readonly items: Map<string, Attributes>;
  readonly reads: { readonly key: string; readonly consistent: boolean }[];
  pages: number;
}

/** @param pageOf how many entries a page of an index really has, of those asked for: DynamoDB may stop earlier at any page. */
export function memoryRows(items: readonly Attributes[] = [], pageOf = (limit: number): number => limit): MemoryRows {
  const rows: MemoryRows = {
    items: new Map(items.map((item) => [String(item.id), item])),
    reads: [],
    pages: 0,
    get: async (key, consistent) => {
      rows.reads.push({ key, consistent });
      return rows.items.get(key);
    },
    page: async (read) => {
      rows.pages += 1;
      const entries = following([...rows.items.values()], read);
      const page = entries.slice(0, Math.min(read.limit, pageOf(read.limit)));
      const last = page.at(-1) ?? read.after;
      const { partitionKey, sortKey } = read.index;
      return {
        items: page,
        ...(page.length < entries.length
          ? {
              next: last === undefined ? {} : { id: last.id, [partitionKey]: read.partition, [sortKey]: last[sortKey] },
            }
          : {}),
      };
    },
  };
  return rows;
}

/** The entries of a partition that a read may give, in the index's order: by sort key, and then in an order of the index's own. */
function following(items: readonly Attributes[], { index, partition, bound, after }: IndexRead): Attributes[] {
  const { partitionKey, sortKey } = index;
  const place = (item: Attributes): string =>
    `${String(item[sortKey])}\u0000${[...String(item.id)].reverse().join('')}`;
  return items
    .filter((item) => item[partitionKey] === partition)
    .filter((item) => {
      if (bound === undefined) return true;
      const sort = item[sortKey] as string;
      return bound.operator === '<' ? sort < bound.sort : sort <= bound.sort;
    })
    .filter((item) => after?.id === undefined || place(item) < place(after))
    .toSorted((a, b) => (place(a) < place(b) ? 1 : -1));
}
