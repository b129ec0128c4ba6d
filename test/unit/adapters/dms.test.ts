import type { DmsAdapterManifest } from '../../../lambdas/core/adapter.ts';
import { NOON_MS, sequenceNumber } from '../../support/events.ts';
import { CUSTOMERS, eventIn, outcomeOf } from './support.ts';

const manifest: DmsAdapterManifest = {
  kind: 'dms',
  source: 'urn:dms:crm',
  tables: { 'public.customers': CUSTOMERS },
  partitionKey: 'public.customers.{subject}',
};
const key = { partitionKey: 'public.customers.7' };

const metadata = {
  timestamp: '2026-11-01T11:59:59.123456Z',
  'record-type': 'data',
  operation: 'insert',
  'partition-key-type': 'primary-key',
  'schema-name': 'public',
  'table-name': 'customers',
  'commit-timestamp': '2026-11-01T11:59:58.500000Z',
  'transaction-id': 1139,
  'transaction-record-id': 1,
  'stream-position': '00000002/7C007178.3.00000002/7C007178',
};
const anna = { id: 7, name: 'Anna' };
const inserted = { data: anna, metadata };
const record = (operation: string, part: object = {}) => ({
  ...inserted,
  metadata: { ...metadata, operation },
  ...part,
});
const { 'transaction-id': _, 'transaction-record-id': __, 'stream-position': ___, ...undetailed } = metadata;
const { 'commit-timestamp': ____, ...loading } = undetailed;
const loaded = { data: anna, metadata: { ...loading, operation: 'load' } };

describe('a data record', () => {
  test.each<[string, object, string, object]>([
    ['load', loaded, 'customer.found', { before: null, after: anna }],
    ['insert', inserted, 'customer.registered', { before: null, after: anna }],
    ['update', record('update'), 'customer.changed', { before: null, after: anna }],
    ['update', record('update', { 'before-image': { id: 6 } }), 'customer.changed', { before: { id: 6 }, after: anna }],
    ['update', record('update', { 'before-image': {} }), 'customer.changed', { before: null, after: anna }],
    ['delete', record('delete'), 'customer.left', { before: anna, after: null }],
  ])('of operation %s becomes the event that the manifest names for it', (operation, payload, type, data) => {
    const event = eventIn(manifest, payload, key);
    expect(event).toMatchObject({
      type,
      source: 'urn:dms:crm',
      subject: '7',
      dataschema: `urn:millrace:${type}:1`,
      data,
    });
    expect(event.time).toBe(operation === 'load' ? '2026-11-01T11:59:59.123Z' : '2026-11-01T11:59:58.500Z');
  });

  test('that tells its time in another form has the time of its arrival', () => {
    const odd = { data: anna, metadata: { ...metadata, 'commit-timestamp': 2026 } };
    expect(eventIn(manifest, odd, key).time).toBe(new Date(NOON_MS).toISOString());
  });

  test('has its image before under the name that the task gives it', () => {
    const named = record('update', { old: { id: 6 } });
    expect(eventIn({ ...manifest, beforeImage: 'old' }, named, key).data).toEqual({ before: { id: 6 }, after: anna });
  });

  test('is about the column that the manifest names', () => {
    const byName = {
      ...manifest,
      tables: { 'public.customers': { ...CUSTOMERS, subject: 'name' } },
      partitionKey: '{subject}',
    };
    expect(eventIn(byName, inserted, { partitionKey: 'Anna' }).subject).toBe('Anna');
    expect(outcomeOf(byName, inserted, { partitionKey: '7' })).toContain('event.misrouted');
  });

  test('under the partition key of its whole table is misrouted: rows would share one key', () => {
    expect(outcomeOf(manifest, inserted, { partitionKey: 'public.customers' })).toContain('event.misrouted');
  });
});

describe('the id of a change', () => {
  const idOf = (payload: object, place = {}) => eventIn(manifest, payload, { ...key, ...place }).id;
  /** As a task sends it that has begun again from its last checkpoint. */
  const resent = (payload: { metadata: object }) => ({
    ...payload,
    metadata: { ...payload.metadata, timestamp: '2026-11-01T12:00:30.000000Z' },
  });

  test.each<[string, { metadata: object }]>([
    ['with transaction details', inserted],
    ['without them', { data: anna, metadata: undetailed }],
    ['of a full load', loaded],
  ])('%s is the same when Lambda delivers it again, or DMS sends it again', (_, payload) => {
    const again = { shard: 'shardId-000000000009', sequence: sequenceNumber(9), arrivalMs: NOON_MS + 60_000 };
    expect(idOf(payload, again)).toBe(idOf(payload));
    expect(idOf(resent(payload))).toBe(idOf(payload));
  });

  test.each<[string, object]>([
    ['another transaction', { ...inserted, metadata: { ...metadata, 'transaction-id': 1140 } }],
    ['another record of the transaction', { ...inserted, metadata: { ...metadata, 'transaction-record-id': 2 } }],
    ['another operation', record('update')],
    ['another row', { ...inserted, data: { ...anna, name: 'Anne' } }],
  ])('is another one for %s', (_, payload) => {
    expect(idOf(payload)).not.toBe(idOf(inserted));
  });

  test.each([undefined, null])('without transaction details (%s) is another one for another commit', (none) => {
    const committed = (at: string) =>
      idOf({ data: anna, metadata: { ...metadata, 'transaction-id': none, 'commit-timestamp': at } });
    expect(committed('2026-11-01T11:59:58.600000Z')).not.toBe(committed('2026-11-01T11:59:58.500000Z'));
  });

  test('counts the place in the stream where a transaction does not number its records', () => {
    const { 'transaction-record-id': _unnumbered, ...unnumbered } = metadata;
    const at = (place: string) => idOf({ data: anna, metadata: { ...unnumbered, 'stream-position': place } });
    expect(at('2')).not.toBe(at('1'));
  });
});

describe('a control record', () => {
  const control = (operation: string) => ({
    control: { 'table-def': { columns: {} } },
    metadata: { ...loading, 'record-type': 'control', operation, 'partition-key-type': 'task-id' },
  });

  test.each(['create-table', 'drop-table', 'add-column', 'rename-table'])(
    '%s is ignored, whatever its partition key',
    (operation) => {
      expect(outcomeOf(manifest, control(operation), { partitionKey: 'DZ6OKLFYA5BWVG4RYROQ.public.customers' })).toBe(
        'ignored',
      );
    },
  );

  test('truncate-table is something for a person', () => {
    expect(outcomeOf(manifest, control('truncate-table'), key)).toContain('event.unadaptable: The table was truncated');
  });
});

test.each<[string, unknown, string]>([
  ['a record without metadata', { data: anna }, 'it has no metadata'],
  [
    'another type of record',
    { ...inserted, metadata: { ...metadata, 'record-type': 'odd' } },
    'neither data nor control',
  ],
  ['an operation that nobody knows', record('merge'), 'The operation "merge" is unknown'],
  ['an operation of many letters', record('x'.repeat(21)), `The operation "${'x'.repeat(20)}" is unknown`],
  ['no row', record('insert', { data: null }), 'The record has no row in data'],
  [
    'a table that the manifest does not name',
    { ...inserted, metadata: { ...metadata, 'table-name': 'orders' } },
    'nothing of the table public.orders',
  ],
  ['no bytes', new Uint8Array(), 'it has no metadata'],
])('%s is rejected', (_, payload, expected) => {
  expect(outcomeOf(manifest, payload, key)).toContain('event.unadaptable');
  expect(outcomeOf(manifest, payload, key)).toContain(expected);
});
