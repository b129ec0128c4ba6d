import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { type ProfileView, profileView } from '../../../lambdas/systems/profiles/view.ts';
import type { Column } from './columns.ts';

/** A profile to be written: its view, and, if they were asked for, the attributes of the protocol. */
export interface ExportedRow {
  readonly view: ProfileView;
  readonly internal?: Readonly<Record<string, unknown>>;
}

/** Writes rows in a format. What it gives back is appended to the file in that order. */
export interface Encoder {
  rows(rows: readonly ExportedRow[]): string | Uint8Array;
  /** What is left. No rows follow. */
  end(): string | Uint8Array;
}

/** Name of the column with the attributes of the protocol. */
export const INTERNAL_COLUMN = '_internal';

/** A row of an item of the table; undefined for an item that is no profile. */
export function exportedRow(item: Readonly<Record<string, unknown>>, internal: boolean): ExportedRow | undefined {
  const view = profileView(item);
  if (view === undefined || !internal) return view === undefined ? undefined : { view };
  const names = Object.keys(item).filter((name) => name.startsWith('_') || name === ATTRIBUTES.schema);
  return { view, internal: Object.fromEntries(names.map((name) => [name, item[name]])) };
}

/** JSON text in which binary values are Base64. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? Buffer.from(inner).toString('base64') : inner,
  );

/** A JSON object on each line; attributes that a profile has not are left out. */
export function ndjsonEncoder(columns: readonly Column[]): Encoder {
  const line = ({ view, internal }: ExportedRow): string => {
    const object = Object.fromEntries(columns.map((column) => [column.name, column.valueIn(view)]));
    return `${jsonText(internal === undefined ? object : { ...object, [INTERNAL_COLUMN]: internal })}\n`;
  };
  return { rows: (rows) => rows.map(line).join(''), end: () => '' };
}

/** RFC 4180 with a heading; lists and maps as JSON text, nothing where a profile has no such attribute. */
export function csvEncoder(columns: readonly Column[], internal: boolean): Encoder {
  const names = [...columns.map(({ name }) => name), ...(internal ? [INTERNAL_COLUMN] : [])];
  const line = (row: ExportedRow): string => {
    const values = columns.map(({ type, valueIn }) => cell(valueIn(row.view), type === 'json'));
    return `${[...values, ...(internal ? [cell(row.internal, true)] : [])].join(',')}\r\n`;
  };
  let heading = `${names.join(',')}\r\n`;
  const withHeading = (text: string): string => {
    const whole = heading + text;
    heading = '';
    return whole;
  };
  return { rows: (rows) => withHeading(rows.map(line).join('')), end: () => withHeading('') };
}

function cell(value: unknown, isJson: boolean): string {
  if (value === undefined || value === null) return '';
  const text = isJson ? jsonText(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
