import { type DebeziumAdapterManifest, subjectOf } from '../../core/adapter.ts';
import {
  type Adapted,
  type Adapter,
  type AdapterPlace,
  IGNORED,
  idOf,
  instant,
  isMembers,
  type Members,
  unadaptable,
} from './adapter.ts';
import { changeEvent, isImage, type Operation } from './changes.ts';

/** Debezium's documentation, "Data change events" of each connector. */
const OPERATIONS: Readonly<Record<string, Operation>> = { c: 'created', u: 'updated', d: 'deleted', r: 'read' };

/**
 * Members of `source` that say where in the database's log a change stands, by connector. They are the same when a connector starts again
 * and reads the log once more; others, such as `sequence` of PostgreSQL or the connector's own version, are not.
 */
const LOG_POSITION: Readonly<Record<string, readonly string[]>> = {
  postgresql: ['txId', 'lsn'],
  mysql: ['server_id', 'file', 'pos', 'row'],
  mariadb: ['server_id', 'file', 'pos', 'row'],
  sqlserver: ['commit_lsn', 'change_lsn', 'event_serial_no'],
  db2: ['commit_lsn', 'change_lsn'],
  oracle: ['txId', 'scn', 'rs_id', 'ssn'],
};

/** Members of `source` that change though the change is the same. */
const VOLATILE: ReadonlySet<string> = new Set(['version', 'snapshot', 'sequence', 'ts_us', 'ts_ns']);

/** Change events of Debezium. */
export const debeziumAdapter = (manifest: DebeziumAdapterManifest): Adapter => ({
  subjectOf: (partitionKey) => subjectOf(partitionKey, manifest.partitionKey),
  adapt: (value, place) => {
    const payload = payloadOf(value);
    // A tombstone, which follows a deletion for the sake of Kafka's compaction. Debezium Server sends it to Kinesis without a byte.
    if (payload === null) return IGNORED;
    if (!isMembers(payload)) return unadaptable('The record is no Debezium event: it is no JSON object');
    return isMembers(payload.source) && typeof payload.op === 'string'
      ? changeOf(manifest, payload, payload.source, payload.op, place)
      : control(payload);
  },
});

/** With schemas enabled, the event is the payload beside its schema. */
const payloadOf = (value: unknown): unknown =>
  isMembers(value) && Object.hasOwn(value, 'payload') && Object.hasOwn(value, 'schema') ? value.payload : value;

/** Messages beside those of rows. */
function control(payload: Members): Adapted {
  const heartbeat = Object.keys(payload).every((name) => name.startsWith('ts_'));
  const transaction = typeof payload.status === 'string' && typeof payload.id === 'string';
  const schemaChange = Object.hasOwn(payload, 'ddl') || Object.hasOwn(payload, 'tableChanges');
  if (heartbeat || transaction || schemaChange) return IGNORED;
  return unadaptable(
    'The record is no Debezium event: it has no source and op. For flattened rows (ExtractNewRecordState) use the json adapter',
  );
}

function changeOf(
  manifest: DebeziumAdapterManifest,
  payload: Members,
  source: Members,
  op: string,
  place: AdapterPlace,
): Adapted {
  // A message that was written into the log, and about no row.
  if (op === 'm') return IGNORED;
  if (op === 't')
    return unadaptable('The table was truncated: no key is named, so its rows must be dealt with by hand');
  const operation = Object.hasOwn(OPERATIONS, op) ? OPERATIONS[op] : undefined;
  if (operation === undefined) return unadaptable(`The operation ${JSON.stringify(op.slice(0, 20))} is unknown`);
  const { before = null, after = null } = payload;
  if (!isImage(before) || !isImage(after)) return unadaptable('before or after is no row');
  if ((operation === 'deleted' ? before : after) === null) {
    return unadaptable(
      `A row is missing from the event (${op}): the database must log it, see REPLICA IDENTITY in PostgreSQL`,
    );
  }
  const { connector, name } = source;
  const change = {
    table: tableOf(source),
    operation,
    before,
    after,
    source: `/debezium/${String(connector)}/${String(name)}`,
    time: timeOf(source, payload) ?? (instant(place.arrivalMs) as string),
    id: (subject: string) => idOf(tableOf(source), positionOf(source), op, subject, before, after),
  };
  return changeEvent(manifest.tables, change, place.keySubject);
}

const tableOf = ({ schema, db, table }: Members): string =>
  `${typeof schema === 'string' && schema !== '' ? schema : String(db)}.${String(table)}`;

/** When the database made the change; a snapshot may not tell. */
function timeOf(source: Members, payload: Members): string | undefined {
  const told = [source.ts_ms, payload.ts_ms].find((ms) => typeof ms === 'number' && ms > 0);
  return told === undefined ? undefined : instant(told as number);
}

function positionOf(source: Members): unknown {
  const known = LOG_POSITION[String(source.connector)];
  // Rows of one statement may share a position; their images tell them apart.
  if (known !== undefined) return known.map((name) => source[name] ?? null);
  return Object.entries(source).filter(([name]) => !VOLATILE.has(name));
}
