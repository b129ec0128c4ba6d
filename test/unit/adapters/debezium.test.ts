import type { DebeziumAdapterManifest } from '../../../lambdas/core/adapter.ts';
import { NOON_MS, sequenceNumber } from '../../support/events.ts';
import { CUSTOMERS, eventIn, outcomeOf } from './support.ts';

const manifest: DebeziumAdapterManifest = {
  kind: 'debezium',
  tables: { 'public.customers': CUSTOMERS, 'public.audit': 'ignore' },
  partitionKey: '{"id":{subject}}',
};
const key = { partitionKey: '{"id":7}' };

const source = {
  version: '3.0.2.Final',
  connector: 'postgresql',
  name: 'crm',
  ts_ms: NOON_MS - 2_000,
  ts_us: (NOON_MS - 2_000) * 1000,
  snapshot: 'false',
  db: 'crm',
  sequence: '["24023119","24023128"]',
  schema: 'public',
  table: 'customers',
  txId: 555,
  lsn: 24_023_128,
  xmin: null,
};
const anna = { id: 7, name: 'Anna' };
const anne = { id: 7, name: 'Anne' };
const created = { before: null, after: anna, source, op: 'c', ts_ms: NOON_MS - 100, transaction: null };
const updated = { ...created, before: anna, after: anne, op: 'u' };
const deleted = { ...created, before: anne, after: null, op: 'd' };
const found = { ...created, op: 'r', source: { ...source, snapshot: 'true' } };

describe('a change event', () => {
  test.each([
    ['c', created, 'customer.registered', { before: null, after: anna }],
    ['u', updated, 'customer.changed', { before: anna, after: anne }],
    ['d', deleted, 'customer.left', { before: anne, after: null }],
    ['r', found, 'customer.found', { before: null, after: anna }],
  ])('of operation %s becomes the event that the manifest names for it', (_, payload, type, data) => {
    expect(eventIn(manifest, payload, key)).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[\w-]{22}$/),
      source: '/debezium/postgresql/crm',
      type,
      time: new Date(NOON_MS - 2_000).toISOString(),
      subject: '7',
      dataschema: `urn:millrace:${type}:1`,
      data,
    });
  });

  test('is the same with its schema and without', () => {
    const enveloped = { schema: { type: 'struct', fields: [] }, payload: updated };
    expect(eventIn(manifest, enveloped, key)).toEqual(eventIn(manifest, updated, key));
  });

  test('of MySQL, which has no schemas, names its table by the database', () => {
    const mysql = {
      ...created,
      source: {
        connector: 'mysql',
        name: 'crm',
        db: 'shop',
        table: 'customers',
        ts_ms: 0,
        file: 'b.1',
        pos: 4,
        row: 0,
      },
    };
    const event = eventIn({ ...manifest, tables: { 'shop.customers': CUSTOMERS } }, mysql, key);
    expect(event.source).toBe('/debezium/mysql/crm');
    // A time of 0 is none.
    expect(event.time).toBe(new Date(NOON_MS - 100).toISOString());
  });

  test.each([
    ['an empty schema', { schema: '' }],
    ['a schema of null', { schema: null }],
  ])('with %s names its table by the database too', (_, part) => {
    const tables = { 'crm.customers': CUSTOMERS };
    expect(eventIn({ ...manifest, tables }, { ...created, source: { ...source, ...part } }, key).subject).toBe('7');
  });

  test('that tells no time has the time of its arrival', () => {
    const timeless = { ...created, ts_ms: '1793534400000', source: { ...source, ts_ms: null } };
    expect(eventIn(manifest, timeless, key).time).toBe(new Date(NOON_MS).toISOString());
  });

  test('is about the column that the manifest names, which the partition key must say too', () => {
    const byName = {
      ...manifest,
      tables: { 'public.customers': { ...CUSTOMERS, subject: 'name' } },
      partitionKey: '{subject}',
    };
    expect(eventIn(byName, created, { partitionKey: 'Anna' }).subject).toBe('Anna');
    expect(eventIn(byName, deleted, { partitionKey: 'Anne' }).subject).toBe('Anne');
    expect(outcomeOf(byName, created, { partitionKey: 'Anne' })).toContain('event.misrouted');
    expect(outcomeOf(byName, { ...created, after: { id: 7 } }, { partitionKey: 'Anna' })).toContain(
      'The column name of public.customers',
    );
  });

  test('whose partition key has not the form that the manifest says is misrouted', () => {
    expect(outcomeOf(manifest, created, { partitionKey: 'default' })).toContain('event.misrouted');
  });
});

describe('the id of a change', () => {
  const idOf = (payload: object, place = {}) => eventIn(manifest, payload, { ...key, ...place }).id;

  test('is the same when Lambda delivers the record again, or Debezium sends it again', () => {
    const again = { shard: 'shardId-000000000009', sequence: sequenceNumber(9), arrivalMs: NOON_MS + 60_000 };
    // A restarted connector reads the log once more: it may be newer, and knows another last commit.
    const restarted = {
      ...updated,
      ts_ms: NOON_MS,
      source: { ...source, version: '3.1.0.Final', sequence: '[null,"24023128"]', ts_ns: 1 },
    };
    expect(idOf(updated, again)).toBe(idOf(updated));
    expect(idOf(restarted)).toBe(idOf(updated));
  });

  test.each<[string, object]>([
    ['another place in the log', { ...updated, source: { ...source, lsn: 24_023_129 } }],
    ['another transaction', { ...updated, source: { ...source, txId: 556 } }],
    ['another operation', { ...updated, op: 'c' }],
    ['another row of the same statement', { ...updated, after: { ...anne, name: 'Ann' } }],
    ['another server', { ...updated, source: { ...source, name: 'erp' } }],
  ])('is another one for %s', (_, payload) => {
    const { id, source: from } = eventIn(manifest, payload, key);
    const known = eventIn(manifest, updated, key);
    expect(`${from} ${id}`).not.toBe(`${known.source} ${known.id}`);
  });

  const LOGS = {
    postgresql: ['txId', 'lsn'],
    mysql: ['server_id', 'file', 'pos', 'row'],
    mariadb: ['server_id', 'file', 'pos', 'row'],
    sqlserver: ['commit_lsn', 'change_lsn', 'event_serial_no'],
    db2: ['commit_lsn', 'change_lsn'],
    oracle: ['txId', 'scn', 'rs_id', 'ssn'],
  };

  test.each(Object.entries(LOGS).flatMap(([connector, members]) => members.map((member) => [connector, member])))(
    'of %s is another one for another %s in the log',
    (connector, member) => {
      const at = (value: unknown, other = 1) =>
        idOf({
          ...created,
          source: { connector, name: 'crm', schema: 'public', table: 'customers', [member]: value, other },
        });
      expect(at(2)).not.toBe(at(1));
      // Whatever else the source says may differ when the log is read again.
      expect(at(1, 2)).toBe(at(1));
    },
  );

  test('of a connector that is not known counts whatever its source says, but for what may vary', () => {
    const other = (part: object) => ({ ...created, source: { ...source, connector: 'informix', commit: 5, ...part } });
    const again = { version: '9', sequence: 'x', snapshot: 'last', ts_us: 1, ts_ns: 1 };
    expect(idOf(other(again))).toBe(idOf(other({})));
    expect(idOf(other({ commit: 6 }))).not.toBe(idOf(other({})));
  });
});

describe('what is about no row', () => {
  test.each<[string, unknown]>([
    ['a tombstone, as Debezium Server puts it on Kinesis', new Uint8Array()],
    ['a tombstone', null],
    ['a tombstone with a schema', { schema: null, payload: null }],
    ['a heartbeat', { ts_ms: NOON_MS }],
    [
      'the begin of a transaction',
      { status: 'BEGIN', id: '555:1', event_count: null, data_collections: null, ts_ms: NOON_MS },
    ],
    [
      'a change of a schema',
      { source, ts_ms: NOON_MS, databaseName: 'crm', ddl: 'ALTER TABLE customers', tableChanges: [] },
    ],
    ['a change of a schema in the words of the database alone', { ddl: 'ALTER TABLE customers' }],
    ['a change of a schema without words', { tableChanges: [] }],
    ['a message in the log', { ...created, op: 'm', message: { prefix: 'a', content: '' } }],
    ['a table that the manifest ignores', { ...created, source: { ...source, table: 'audit' } }],
  ])('%s is ignored', (_, payload) => {
    expect(outcomeOf(manifest, payload, key)).toBe('ignored');
  });

  test('an operation that the manifest ignores', () => {
    const quiet = { ...manifest, tables: { 'public.customers': { ...CUSTOMERS, read: 'ignore' as const } } };
    expect(outcomeOf(quiet, found, key)).toBe('ignored');
  });
});

describe('what a person must look at', () => {
  test.each<[string, unknown, string]>([
    ['a truncated table', { ...created, before: null, after: null, op: 't' }, 'The table was truncated'],
    [
      'a table that the manifest does not name',
      { ...created, source: { ...source, table: 'orders' } },
      'nothing of the table public.orders',
    ],
    [
      'a table called like a member of every object',
      { ...created, source: { ...source, schema: undefined, db: 'to', table: 'String' } },
      'nothing of the table to.String',
    ],
    ['an operation that nobody knows', { ...created, op: 'x' }, 'The operation "x" is unknown'],
    ['a deletion without the row', { ...deleted, before: null }, 'A row is missing from the event (d)'],
    ['a row that is no row', { ...created, after: '{"id":7}' }, 'before or after is no row'],
    [
      'an operation of many letters',
      { ...created, op: 'x'.repeat(21) },
      `The operation "${'x'.repeat(20)}" is unknown`,
    ],
    ['a flattened row with a time', { ...anna, ts_ms: NOON_MS }, 'For flattened rows'],
    ['a flattened row whose id is a text', { id: 'a', name: 'Anna' }, 'For flattened rows'],
    ['a flattened row with a status', { id: 7, status: 'active' }, 'For flattened rows'],
    ['a flattened row', anna, 'For flattened rows (ExtractNewRecordState) use the json adapter'],
    ['a list', [[created]], 'it is no JSON object'],
  ])('%s is rejected', (_, payload, expected) => {
    expect(outcomeOf(manifest, payload, key)).toContain(`event.unadaptable: `);
    expect(outcomeOf(manifest, payload, key)).toContain(expected);
  });

  test('an event of which the catalogue knows no such version', () => {
    const newer = {
      ...manifest,
      tables: { 'public.customers': { ...CUSTOMERS, created: 'customer.registered:2' as const } },
    };
    expect(outcomeOf(newer, created, key)).toContain('event.unknown-version');
  });
});
