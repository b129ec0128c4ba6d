import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { columns } from '../../../local/cli/export/columns.ts';
import { csvEncoder, type Encoder, exportedRow, ndjsonEncoder } from '../../../local/cli/export/encode.ts';
import { parquetEncoder } from '../../../local/cli/export/parquet.ts';
import { activeItem, erasedItem } from './rows.ts';

const all = columns();
const impersonal = all.filter(({ personal }) => !personal);

function written(encoder: Encoder, items: readonly object[], internal = false): Buffer {
  const rows = items.flatMap((item) => exportedRow(item as Record<string, unknown>, internal) ?? []);
  return Buffer.concat([encoder.rows(rows), encoder.end()].map((chunk) => Buffer.from(chunk as Uint8Array)));
}

const lines = (text: Buffer) =>
  text
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function parquet(items: readonly object[], chosen = all, internal = false) {
  const bytes = written(parquetEncoder(chosen, internal), items, internal);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return { rows: await parquetReadObjects({ file }), metadata: parquetMetadata(file) };
}

describe('columns', () => {
  test('are the attributes of the schema, with those of the row before them', () => {
    expect(all.map(({ name }) => name).slice(0, 3)).toEqual(['id', 'version', 'status']);
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['totalSpend', 'segmentSince', 'erasedAt']));
    for (const { description } of all) expect(description).not.toBe('');
  });

  test('that tell of a person are the id and what the manifest names', () => {
    expect(all.filter(({ personal }) => personal).map(({ name }) => name)).toEqual(['id', 'cart', 'recentProducts']);
  });

  test('say which profiles have them', () => {
    expect(all.find(({ name }) => name === 'erasedAt')).toMatchObject({ status: 'erased', type: 'time' });
    expect(all.find(({ name }) => name === 'cartValue')).toMatchObject({ status: 'active', type: 'json' });
    expect(all.find(({ name }) => name === 'status')).not.toHaveProperty('status');
  });
});

test('what is no profile is no row', () => {
  expect(exportedRow({ id: 'x' }, false)).toBeUndefined();
});

test.each<[string, (items: object[]) => string]>([
  ['NDJSON', (items) => written(ndjsonEncoder(impersonal), items).toString()],
  ['CSV', (items) => written(csvEncoder(impersonal, false), items).toString()],
  ['Parquet', (items) => written(parquetEncoder(impersonal, false), items).toString('latin1')],
])('%s without personal data has neither ids nor products nor the attributes of the protocol', (_, text) => {
  const content = text([activeItem('ada-the-user')]);
  expect(content).toContain('segment');
  for (const left of ['ada-the-user', 'mug', '_tx', 'epoch']) expect(content).not.toContain(left);
});

test('NDJSON has an object a line, cart lines with names, and nothing for what a profile has not', () => {
  const [active, erased] = lines(written(ndjsonEncoder(all), [activeItem('ada'), erasedItem('bob')]));
  expect(active).toMatchObject({ id: 'ada', version: 3, cart: [{ productId: 'mug', quantity: 2 }] });
  expect(erased).toEqual({ id: 'bob', version: 4, status: 'erased', erasedAt: '2026-11-02T00:00:00.000Z' });
});

test('the attributes of the protocol come in a column of their own, binary as Base64', () => {
  const [row] = lines(written(ndjsonEncoder(impersonal), [activeItem('ada')], true));
  expect(row._internal).toEqual({ _v: 3, _e: 'epoch', _s: 2, _tx: 'token', _pos: {}, _ids: 'AQI=' });
});

test('CSV reads back as what was written, quotes, commas and line breaks included', () => {
  const strange = 'a "b", c\r\nd';
  const text = written(csvEncoder(all, false), [activeItem(strange), erasedItem('bob')]).toString();
  const [first, second] = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
  expect(first?.id).toBe(strange);
  expect(JSON.parse(first?.recentProducts ?? '')).toEqual(['mug', 'a "red", large one']);
  expect(second).toMatchObject({ id: 'bob', totalSpend: '', erasedAt: '2026-11-02T00:00:00.000Z' });
});

test('an export of nothing is a heading in CSV and a readable file in Parquet', async () => {
  expect(written(csvEncoder(impersonal, false), []).toString()).toMatch(/^version,status,.*\r\n$/);
  expect((await parquet([])).rows).toEqual([]);
});

describe('Parquet', () => {
  test('keeps the types: integers, times, JSON, and null for what a profile has not', async () => {
    const { rows } = await parquet([activeItem('ada'), erasedItem('bob')]);
    expect(rows).toMatchObject([
      {
        id: 'ada',
        version: 3n,
        totalSpend: { EUR: 21_000 },
        cart: [{ productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' }],
        firstSeen: new Date('2026-11-01T12:00:00.000Z'),
        erasedAt: null,
      },
      { id: 'bob', version: 4n, totalSpend: null, erasedAt: new Date('2026-11-02T00:00:00.000Z') },
    ]);
  });

  test('is cut into row groups, in which no row is lost or doubled', async () => {
    const encoder = parquetEncoder(all, false);
    const ids = Array.from({ length: 12_345 }, (_, n) => `user-${n}`);
    const chunks: (string | Uint8Array)[] = [];
    for (let at = 0; at < ids.length; at += 700) {
      const items = ids.slice(at, at + 700).map((id) => activeItem(id));
      chunks.push(encoder.rows(items.flatMap((item) => exportedRow(item, false) ?? [])));
    }
    // What is written goes on at once: no more than a group is held.
    expect(chunks.filter(({ length }) => length > 4).length).toBe(1);
    const bytes = Buffer.concat([...chunks, encoder.end()].map((chunk) => chunk as Uint8Array));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => num_rows)).toEqual([10_000n, 2_345n]);
    const read = await parquetReadObjects({ file, columns: ['id'] });
    expect(read.map(({ id }) => id)).toEqual(ids);
  });
});
