import type { ConsumedUnits, Exchange } from '../emulators/front.ts';
import { type WireItem, wireItemSize } from './wire.ts';

interface Input {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly ConsistentRead?: boolean;
  readonly RequestItems?: Readonly<
    Record<string, { readonly Keys: readonly unknown[]; readonly ConsistentRead?: boolean }>
  >;
}

interface Output {
  readonly Item?: WireItem;
  readonly Items?: readonly WireItem[];
  readonly Responses?: Readonly<Record<string, readonly WireItem[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys: readonly unknown[] }>>;
}

const UNIT_BYTES = 4096;

/**
 * Read units of a request that was served, by the items in its answer; none of any other operation.
 *
 * An item read by key costs its size in units of 4 KB rounded up, and one if there is no such item; a query or scan costs the
 * size of all items together; eventually consistent reads cost half (Developer Guide, "DynamoDB read and write operations").
 * Items that a filter left out of the answer, and attributes that a projection did, are not counted.
 */
export function readUnits({ operation, input, response }: Exchange): readonly ConsumedUnits[] {
  const { TableName: table = '', IndexName: index, ConsistentRead, RequestItems = {} } = input() as Input;
  const output = (): Output => JSON.parse(response.body.toString());
  switch (operation) {
    case 'GetItem':
      return [{ table, units: units([output().Item], ConsistentRead) }];
    case 'BatchGetItem':
      return ofBatch(RequestItems, output());
    case 'Query':
    case 'Scan': {
      const bytes = (output().Items ?? []).reduce((sum, item) => sum + wireItemSize(item), 0);
      return [{ table, ...(index === undefined ? {} : { index }), units: rounded(bytes, ConsistentRead) }];
    }
    default:
      return [];
  }
}

/** Keys without an item cost what the smallest item does. */
function ofBatch(requested: NonNullable<Input['RequestItems']>, { Responses = {}, UnprocessedKeys = {} }: Output) {
  return Object.entries(requested).map(([table, { Keys, ConsistentRead }]) => {
    const found = Responses[table] ?? [];
    const missing = Keys.length - (UnprocessedKeys[table]?.Keys.length ?? 0) - found.length;
    return { table, units: units([...found, ...Array<undefined>(missing).fill(undefined)], ConsistentRead) };
  });
}

const units = (items: readonly (WireItem | undefined)[], isConsistent?: boolean): number =>
  items.reduce((sum, item) => sum + rounded(item === undefined ? 0 : wireItemSize(item), isConsistent), 0);

const rounded = (bytes: number, isConsistent = false): number =>
  Math.max(1, Math.ceil(bytes / UNIT_BYTES)) * (isConsistent ? 1 : 0.5);
