import { type Attributes, fromAttributes, type Row, toAttributes, UnreadableRow } from '../../../lambdas/core/row.ts';
import { type ReadResult, type StateStore, TransientError } from '../../../lambdas/runtime/ports.ts';

/** Rows in memory, in their stored form, with every version that they had. */
export interface MemoryStore extends StateStore {
  /** The item of a key as it is now. */
  item(key: string): Attributes | undefined;
  /** The row of a key as it is now. */
  row(key: string): Row | undefined;
  keys(): readonly string[];
  /** Every item that the key had, oldest first. */
  history(key: string): readonly Attributes[];
  /** Puts an item as somebody outside of the protocol would. */
  overwrite(key: string, item: Attributes): void;
}

/** Eventually consistent reads return the newest version here; wrap it to get older ones. */
export function memoryStore(): MemoryStore {
  const histories = new Map<string, Attributes[]>();
  const latest = (key: string): Attributes | undefined => histories.get(key)?.at(-1);
  const append = (key: string, item: Attributes): void => {
    histories.set(key, [...(histories.get(key) ?? []), structuredClone(item)]);
  };
  return {
    read: async (keys) => new Map(keys.map((key) => [key, readItem(latest(key))])),
    commit: async (row, over) => {
      const stored = latest(row.key);
      const current = stored === undefined ? undefined : fromAttributes(stored);
      if (current?.version !== over?.version || current?.epoch !== over?.epoch) return 'conflict';
      append(row.key, toAttributes(row));
      return 'committed';
    },
    item: (key) => structuredClone(latest(key)),
    row: (key) => {
      const item = latest(key);
      return item === undefined ? undefined : fromAttributes(structuredClone(item));
    },
    keys: () => [...histories.keys()],
    history: (key) => histories.get(key) ?? [],
    overwrite: append,
  };
}

/** What a read makes of an item. */
export function readItem(item: Attributes | undefined): ReadResult {
  if (item === undefined) return undefined;
  try {
    return fromAttributes(structuredClone(item));
  } catch (error) {
    if (error instanceof UnreadableRow) return new TransientError('state.unreadable', error.message, { cause: error });
    throw error;
  }
}
