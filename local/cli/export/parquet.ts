import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Column } from './columns.ts';
import { type Encoder, type ExportedRow, INTERNAL_COLUMN, jsonText } from './encode.ts';

/** Rows of a row group: what a reader reads at once, and what is held in memory here. */
const GROUP_ROWS = 10_000;

type Spec = Omit<ColumnSource, 'data'>;

/**
 * Apache Parquet, compressed by Snappy: text as UTF-8, times as milliseconds in UTC, lists and maps as JSON. Every column may be null but
 * those that all profiles have.
 */
export function parquetEncoder(columns: readonly Column[], internal: boolean): Encoder {
  const specs: readonly Spec[] = [
    ...columns.map(({ name, type, required, status }) => ({
      name,
      type: TYPES[type],
      nullable: !required || status !== undefined,
    })),
    ...(internal ? [{ name: INTERNAL_COLUMN, type: 'JSON' as const, nullable: true }] : []),
  ];
  const bytes = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: specs.map((spec) => ({ ...spec, data: [] })) });
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'millrace' });
  const waiting: ExportedRow[] = [];
  const write = (rows: readonly ExportedRow[]): void => {
    const data = [
      ...columns.map((column) => rows.map(({ view }) => parquetValue(column, view))),
      ...(internal ? [rows.map((row) => row.internal && JSON.parse(jsonText(row.internal)))] : []),
    ];
    void writer.write({
      columnData: specs.map((spec, nth) => ({ ...spec, data: data[nth] ?? [] })),
      rowGroupSize: GROUP_ROWS,
    });
  };
  return {
    rows: (rows) => {
      waiting.push(...rows);
      while (waiting.length >= GROUP_ROWS) write(waiting.splice(0, GROUP_ROWS));
      return taken(bytes);
    },
    end: () => {
      if (waiting.length > 0) write(waiting.splice(0));
      void writer.finish();
      return taken(bytes);
    },
  };
}

const TYPES = { text: 'STRING', integer: 'INT64', time: 'TIMESTAMP', json: 'JSON' } as const;

function parquetValue({ type, valueIn }: Column, view: ExportedRow['view']): unknown {
  const value = valueIn(view);
  if (value === undefined || value === null) return undefined;
  if (type === 'time') return new Date(String(value));
  return type === 'integer' ? BigInt(value as number) : value;
}

/** What was written since the last time. The writer keeps count of all of it in its offset. */
function taken(bytes: ByteWriter): Uint8Array {
  const written = bytes.getBytes().slice();
  bytes.index = 0;
  return written;
}
