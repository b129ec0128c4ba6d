import type { TableEvents } from '../../core/adapter.ts';
import { type Adapted, envelope, IGNORED, type Members, nameIn, unadaptable } from './adapter.ts';

/** What happened to a row. */
export type Operation = Exclude<keyof TableEvents, 'subject'>;

/** A change of a row, from whatever captured it. */
export interface Change {
  /** `schema.table`. */
  readonly table: string;
  readonly operation: Operation;
  /** The row before; null if there was none, or nobody recorded it. */
  readonly before: Members | null;
  /** The row after; null if there is none. */
  readonly after: Members | null;
  readonly source: string;
  /** RFC 3339. */
  readonly time: string;
  /** Makes the id; called only for changes that become events. */
  id(subject: string): string;
}

/** The event of a change, as the manifest says for its table. */
export function changeEvent(
  tables: Readonly<Record<string, TableEvents | 'ignore'>>,
  change: Change,
  keySubject: string,
): Adapted {
  const table = Object.hasOwn(tables, change.table) ? tables[change.table] : undefined;
  if (table === undefined) {
    return unadaptable(`The manifest says nothing of the table ${change.table}: name its events, or ignore it`);
  }
  if (table === 'ignore') return IGNORED;
  const name = table[change.operation];
  if (name === 'ignore') return IGNORED;
  const { before, after, source, time } = change;
  const subject = table.subject === undefined ? keySubject : nameIn((after ?? before)?.[table.subject]);
  if (subject === undefined) {
    return unadaptable(
      `The column ${table.subject} of ${change.table}, which names the subject, is no text and no integer`,
    );
  }
  return envelope(name, { id: change.id(subject), source, subject, time }, { before, after });
}

/** A row image: an object, or null. */
export const isImage = (value: unknown): value is Members | null => typeof value === 'object' && !Array.isArray(value);
