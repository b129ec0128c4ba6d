import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type { MappingSettings, StreamRecord } from './types.ts';

/** Lambda's limit on the payload of a synchronous invocation: 6 MB, of which its error message says 6,291,456 bytes. */
export const MAX_INVOKE_PAYLOAD_BYTES = 6_291_456;

type EventSource = Pick<MappingSettings, 'streamArn' | 'invokeIdentityArn'>;

/** The event that a function is invoked with for records of one shard, in Lambda's shape. */
export function kinesisEvent(
  source: EventSource,
  shardId: string,
  records: readonly StreamRecord[],
): KinesisStreamEvent {
  return { Records: records.map((record) => eventRecord(source, shardId, record)) };
}

function eventRecord(source: EventSource, shardId: string, record: StreamRecord): KinesisStreamRecord {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      data: Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).toString('base64'),
      approximateArrivalTimestamp: arrivalSeconds(record),
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${record.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: source.invokeIdentityArn ?? defaultRole(source.streamArn),
    awsRegion: regionOf(source.streamArn),
    eventSourceARN: source.streamArn,
  };
}

/** Lambda gives seconds with a fraction of milliseconds. */
function arrivalSeconds(record: StreamRecord): number {
  return record.arrivalMs / 1000;
}

function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

function defaultRole(streamArn: string): string {
  const [, partition, , , account] = streamArn.split(':');
  return `arn:${partition}:iam::${account}:role/event-source-mapping`;
}

/** The bytes that an event of these records has: the envelope, the records, and the commas between them. */
export function eventBytes(recordCount: number, recordBytes: number): number {
  return '{"Records":[]}'.length + recordBytes + Math.max(0, recordCount - 1);
}

/** Whether records of so many bytes fit into one invocation. */
export function fitsInvocation(recordCount: number, recordBytes: number): boolean {
  return eventBytes(recordCount, recordBytes) <= MAX_INVOKE_PAYLOAD_BYTES;
}

/**
 * Makes a function that tells the bytes of a record inside the event's JSON, base64 and names included, without encoding its data.
 * It is exact, so that no batch is cut earlier or later than the limit asks.
 */
export function payloadMeter(source: EventSource, shardId: string): (record: StreamRecord) => number {
  const empty: StreamRecord = { sequenceNumber: '', partitionKey: '', arrivalMs: 0, data: new Uint8Array() };
  const fixed = Buffer.byteLength(JSON.stringify(eventRecord(source, shardId, empty))) - '""'.length - '0'.length;
  return (record) =>
    fixed +
    Buffer.byteLength(JSON.stringify(record.partitionKey)) +
    2 * record.sequenceNumber.length +
    4 * Math.ceil(record.data.byteLength / 3) +
    String(arrivalSeconds(record)).length;
}
