import fc from 'fast-check';
import { type ListPosition, listBand } from '../../../lambdas/query/listing.ts';
import { type MemoryRows, memoryRows } from './memory-rows.ts';

const index = { name: 'byBand', partitionKey: 'band', sortKey: 'since' };
const partitions = ['a#0', 'a#1', 'a#2', 'a#3'];

interface Entry {
  readonly id: string;
  readonly shard: number;
  readonly since: string;
}

const itemOf = ({ id, shard, since }: Entry) => ({ id, band: partitions[shard], since });

/** Few sort keys, so that many entries share one. */
const entries = fc
  .uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 4 }), shard: fc.nat(3), at: fc.nat(5) }), {
    selector: ({ id }) => id,
    maxLength: 60,
  })
  .map((all) => all.map(({ id, shard, at }): Entry => ({ id, shard, since: `2026-01-0${at + 1}` })));

/** Walks through all pages; `between` may change the table before each. */
async function walk(rows: MemoryRows, limit: number, between: (page: number) => void = () => undefined) {
  const seen: { id: string; since: string }[] = [];
  let after: ListPosition | undefined;
  for (let page = 0; page < 1_000; page++) {
    const { items, next } = await listBand(rows, {
      index,
      partitions,
      limit,
      ...(after === undefined ? {} : { after }),
    });
    expect(items.length).toBeLessThanOrEqual(limit);
    seen.push(...items.map(({ id, since }) => ({ id: String(id), since: String(since) })));
    if (next === undefined) return seen;
    expect(items).toHaveLength(limit);
    after = next;
    between(page);
  }
  throw new Error('The walk does not end');
}

describe('a walk through the pages of a list', () => {
  test('shows each entry once, newest first, however pages and shards are cut', () =>
    fc.assert(
      fc.asyncProperty(
        entries,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 3 }),
        async (all, limit, short) => {
          let turn = 0;
          const rows = memoryRows(all.map(itemOf), (most) => (turn++ % 3 === 0 ? Math.min(short, most) : most));
          const seen = await walk(rows, limit);
          expect(seen.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
          expect(seen.map(({ since }) => since)).toEqual(
            seen
              .map(({ since }) => since)
              .toSorted()
              .reverse(),
          );
        },
      ),
    ));

  test('comes out the same whatever the length of its pages', () =>
    fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 7 }), async (all, limit) => {
        const rows = memoryRows(all.map(itemOf));
        expect(await walk(rows, limit)).toEqual(await walk(rows, 1_000));
      }),
    ));

  test('shows what stays in its place once, though others come and go, the last one of a page included', () =>
    fc.assert(
      fc.asyncProperty(
        entries,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(100)),
        async (all, limit, picks) => {
          const rows = memoryRows(all.map(itemOf));
          const gone = new Set<string>();
          const seen = await walk(rows, limit, (page) => {
            const ids = [...rows.items.keys()];
            const victim = ids[(picks.next().value ?? 0) % Math.max(1, ids.length)];
            if (victim !== undefined && rows.items.delete(victim)) gone.add(victim);
            const id = `new-${page}`;
            gone.add(id);
            const since = `2026-01-0${1 + ((picks.next().value ?? 0) % 6)}`;
            if (page < 50) rows.items.set(id, itemOf({ id, shard: (picks.next().value ?? 0) % 4, since }));
          });
          const ids = seen.map(({ id }) => id);
          expect(ids).toHaveLength(new Set(ids).size);
          expect(ids).toEqual(expect.arrayContaining(all.map(({ id }) => id).filter((id) => !gone.has(id))));
        },
      ),
    ));
});

test('a page is read with a few entries of each shard, not with a page of each', async () => {
  const all = Array.from({ length: 400 }, (_, n) => itemOf({ id: `e${n}`, shard: n % 4, since: `2026-${1000 + n}` }));
  const limits: number[] = [];
  const rows = memoryRows(all);
  const page = rows.page.bind(rows);
  await listBand(
    {
      ...rows,
      page: (read) => {
        limits.push(read.limit);
        return page(read);
      },
    },
    { index, partitions, limit: 100 },
  );
  expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(200);
});
