import { isDeepStrictEqual } from 'node:util';
import { itemSize } from '../../lambdas/core/item-size.ts';

/** What of a table decides the cost of a write. */
export interface TableSchema {
  /** Attributes of the table's primary key. */
  readonly keys: readonly string[];
  readonly indexes: readonly IndexSchema[];
}

/** A secondary index, global or local. */
export interface IndexSchema {
  readonly name: string;
  readonly keys: readonly string[];
  /** Non-key attributes of an entry; `all` is every attribute of the item. */
  readonly projected: readonly string[] | 'all';
}

/** Units of one write. */
export interface WriteUnits {
  readonly table: number;
  /** Of all indexes. */
  readonly indexes: number;
}

type Item = Readonly<Record<string, unknown>>;

const UNIT_BYTES = 1024;

/**
 * Write units of replacing `before` by `after`, of plain values; absent means that there is no such item.
 *
 * A write to the table costs its size, or the size of what was there if that is larger, in units of 1 KB rounded up,
 * and one at least (Developer Guide, "DynamoDB read and write operations": write request units). An index costs one
 * write if its entry appears, disappears or changes in a projected attribute, two if a key of the entry changes, none
 * otherwise, each by the size of the entry ("Using Global Secondary Indexes", write capacity units; "Local Secondary
 * Indexes" says the same).
 */
export function writeUnits(schema: TableSchema, before: Item | undefined, after: Item | undefined): WriteUnits {
  const ofIndexes = [...writeUnitsByIndex(schema, before, after).values()];
  return { table: tableUnits(before, after), indexes: ofIndexes.reduce((total, index) => total + index, 0) };
}

/** The units of each index in what {@link writeUnits} says, by its name. */
export const writeUnitsByIndex = (
  schema: TableSchema,
  before: Item | undefined,
  after: Item | undefined,
): ReadonlyMap<string, number> =>
  new Map(schema.indexes.map((index) => [index.name, indexUnits(schema, index, before, after)]));

/**
 * Units of a conditional write that was refused: the larger of the item that is there and the one that was to be
 * written, and nothing for the indexes (Developer Guide, "DynamoDB read and write operations": a false condition
 * consumes write capacity by the size of the item).
 */
export const refusedWriteUnits = (existing: Item | undefined, attempted: Item | undefined): WriteUnits => ({
  table: tableUnits(existing, attempted),
  indexes: 0,
});

const tableUnits = (before: Item | undefined, after: Item | undefined): number =>
  Math.max(1, units(before), units(after));

function indexUnits(
  schema: TableSchema,
  index: IndexSchema,
  before: Item | undefined,
  after: Item | undefined,
): number {
  const old = entryOf(schema, index, before);
  const next = entryOf(schema, index, after);
  if (!old || !next) return units(old) + units(next);
  if (index.keys.some((key) => !isDeepStrictEqual(old[key], next[key]))) return units(old) + units(next);
  return isDeepStrictEqual(old, next) ? 0 : Math.max(units(old), units(next));
}

/** An item without one of the index's keys has no entry: the index is sparse. */
function entryOf(schema: TableSchema, index: IndexSchema, item: Item | undefined): Item | undefined {
  if (!item || index.keys.some((key) => item[key] === undefined)) return undefined;
  if (index.projected === 'all') return item;
  const names = new Set([...schema.keys, ...index.keys, ...index.projected]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

const units = (item: Item | undefined): number => (item ? Math.ceil(itemSize(item) / UNIT_BYTES) : 0);
