import { type DmsAdapterManifest, subjectOf } from '../../core/adapter.ts';
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

/** AWS DMS User Guide, "Using Amazon Kinesis Data Streams as a target". */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  load: 'read',
  insert: 'created',
  update: 'updated',
  delete: 'deleted',
};

/** Records of AWS Database Migration Service. */
export const dmsAdapter = (manifest: DmsAdapterManifest): Adapter => ({
  subjectOf: (partitionKey) => subjectOf(partitionKey, manifest.partitionKey),
  adapt: (value, place) => {
    if (!isMembers(value) || !isMembers(value.metadata))
      return unadaptable('The record is none of DMS: it has no metadata');
    const { metadata } = value;
    if (metadata['record-type'] === 'control') return control(metadata);
    if (metadata['record-type'] !== 'data')
      return unadaptable('The record is none of DMS: its record-type is neither data nor control');
    return changeOf(manifest, value, metadata, place);
  },
});

/** Tables that are made, altered and dropped when a task starts say nothing of rows. */
const control = ({ operation }: Members): Adapted =>
  operation === 'truncate-table'
    ? unadaptable('The table was truncated: no key is named, so its rows must be dealt with by hand')
    : IGNORED;

function changeOf(manifest: DmsAdapterManifest, record: Members, metadata: Members, place: AdapterPlace): Adapted {
  const told = String(metadata.operation);
  const operation = Object.hasOwn(OPERATIONS, told) ? OPERATIONS[told] : undefined;
  if (operation === undefined) return unadaptable(`The operation ${JSON.stringify(told.slice(0, 20))} is unknown`);
  const row = record.data;
  const image = record[manifest.beforeImage ?? 'before-image'] ?? null;
  if (!isMembers(row) || !isImage(image))
    return unadaptable('The record has no row in data, or its before image is no row');
  const deleted = operation === 'deleted';
  // DMS sends the row of a deletion as data, and an empty image where the source logged none.
  const logged = image !== null && Object.keys(image).length > 0 ? image : null;
  const table = `${String(metadata['schema-name'])}.${String(metadata['table-name'])}`;
  const change = {
    table,
    operation,
    before: deleted ? row : logged,
    after: deleted ? null : row,
    source: manifest.source,
    time: timeOf(metadata) ?? (instant(place.arrivalMs) as string),
    id: (subject: string) => idOf(table, told, subject, identityOf(metadata), row, logged),
  };
  return changeEvent(manifest.tables, change, place.keySubject);
}

/** When the database committed; of a full load, when DMS read the row. */
function timeOf(metadata: Members): string | undefined {
  const told = metadata['commit-timestamp'] ?? metadata.timestamp;
  const ms = typeof told === 'string' ? Date.parse(told) : Number.NaN;
  return instant(ms);
}

/**
 * Where in the database's log the change stands, if the task includes transaction details. Without them it is when the database committed;
 * a row of a full load has nothing but itself. When DMS made the record is left out: it differs if a task sends again.
 */
function identityOf(metadata: Members): unknown {
  const transaction = metadata['transaction-id'];
  if (transaction === undefined || transaction === null) return metadata['commit-timestamp'] ?? null;
  return [transaction, metadata['transaction-record-id'] ?? metadata['stream-position'] ?? null];
}
