import fc from 'fast-check';
import { refusedWriteUnits, type TableSchema, writeUnits } from '../../../../local/dynamodb/write-units.ts';

const table: TableSchema = { keys: ['id'], indexes: [] };
const indexed: TableSchema = {
  keys: ['id'],
  indexes: [{ name: 'bySegment', keys: ['segment', 'since'], projected: ['band'] }],
};

/** An item of exactly `bytes` bytes with id `u`: `id` + `u` + `pad` take 6. */
const sized = (bytes: number, rest: object = {}) => ({ id: 'u', pad: 'x'.repeat(bytes - 6), ...rest });

describe('write units of the table', () => {
  test.each<[string, object | undefined, object | undefined, number]>([
    ['a small new item costs one', undefined, { id: 'u' }, 1],
    ['1,024 bytes cost one', undefined, sized(1024), 1],
    ['1,025 bytes cost two', undefined, sized(1025), 2],
    ['a shrinking item costs what was there', sized(3000), sized(10), 3],
    ['a growing item costs what is written', sized(10), sized(3000), 3],
    ['a delete costs what was there', sized(2049), undefined, 3],
    ['a delete of nothing costs one', undefined, undefined, 1],
  ])('%s', (_, before, after, units) => {
    expect(writeUnits(table, before as never, after as never)).toEqual({ table: units, indexes: 0 });
  });

  test('a refused write costs the larger of what is there and what was to be written', () => {
    expect(refusedWriteUnits(sized(1500), sized(10))).toEqual({ table: 2, indexes: 0 });
    expect(refusedWriteUnits(sized(10), sized(1500))).toEqual({ table: 2, indexes: 0 });
    expect(refusedWriteUnits(undefined, undefined)).toEqual({ table: 1, indexes: 0 });
  });
});

describe('write units of an index', () => {
  const entry = { id: 'u', segment: 'gold#01', since: '2026-01-01', band: 'gold', other: 1 };
  const outside = { id: 'u', other: 1 };

  test.each<[string, object | undefined, object | undefined, number]>([
    ['an item without the index keys costs nothing', undefined, outside, 0],
    ['one index key alone makes no entry', undefined, { id: 'u', segment: 'gold#01' }, 0],
    ['a new entry costs one', undefined, entry, 1],
    ['an item that gains the index keys costs one', outside, entry, 1],
    ['a change of what is not projected costs nothing', entry, { ...entry, other: 2 }, 0],
    ['a change of a projected attribute costs one', entry, { ...entry, band: 'silver' }, 1],
    ['a change of the partition key costs two', entry, { ...entry, segment: 'gold#02' }, 2],
    ['a change of the sort key costs two', entry, { ...entry, since: '2026-02-01' }, 2],
    ['an item that loses an index key costs one', entry, outside, 1],
    ['a deleted item costs one', entry, undefined, 1],
  ])('%s', (_, before, after, units) => {
    expect(writeUnits(indexed, before as never, after as never).indexes).toBe(units);
  });

  test('an index of all attributes pays for every change, by size', () => {
    const all: TableSchema = { keys: ['id'], indexes: [{ name: 'all', keys: ['segment'], projected: 'all' }] };
    const small = { id: 'u', segment: 'gold', n: 1 };
    const large = { ...small, pad: 'x'.repeat(2000) };
    expect(writeUnits(all, small, { ...small, n: 2 }).indexes).toBe(1);
    expect(writeUnits(all, large, small).indexes).toBe(2);
    expect(writeUnits(all, large, { ...large, segment: 'iron' }).indexes).toBe(4);
  });

  test('an index of keys alone is silent about other changes', () => {
    const keysOnly: TableSchema = { keys: ['id'], indexes: [{ name: 'k', keys: ['segment'], projected: [] }] };
    expect(writeUnits(keysOnly, entry, { ...entry, band: 'x', other: 9 }).indexes).toBe(0);
  });

  test('several indexes add up', () => {
    const two: TableSchema = {
      keys: ['id'],
      indexes: [...indexed.indexes, { name: 'b', keys: ['band'], projected: [] }],
    };
    expect(writeUnits(two, entry, { ...entry, band: 'silver' }).indexes).toBe(1 + 2);
  });

  test('writing the same item again never touches an index', () => {
    const attribute = fc.oneof(fc.string(), fc.integer(), fc.array(fc.string()), fc.constant(null));
    const attributes = fc.dictionary(fc.constantFrom('segment', 'since', 'band', 'other'), attribute);
    fc.assert(
      fc.property(fc.clone(attributes, 2), ([before, after]) => {
        expect(writeUnits(indexed, { id: 'u', ...before }, { id: 'u', ...after }).indexes).toBe(0);
      }),
    );
  });
});
