import { createHash } from 'node:crypto';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/**
 * Reads the aggregated record format of the Kinesis Producer Library: magic, one protobuf message `AggregatedRecord`, MD5 of the message.
 * Source: aggregation-format.md of awslabs/amazon-kinesis-producer.
 */
const MAGIC = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2);
const MD5_BYTES = 16;

/** Field numbers of AggregatedRecord and Record. */
const AGGREGATE = { partitionKeys: 1, records: 3 } as const;
const RECORD = { partitionKeyIndex: 1, data: 3 } as const;

export interface UserRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** The digest is right, so a producer meant an aggregate, but the message inside is none. */
export class AggregateCorrupt extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`KPL aggregate with a right digest, but ${what}`, options);
    this.name = 'AggregateCorrupt';
  }
}

/** An aggregate is small, but may hold half a million empty records. */
export class TooManyUserRecords extends Error {
  constructor(most: number) {
    super(`KPL aggregate of more than ${most} records`);
    this.name = 'TooManyUserRecords';
  }
}

/** Whether the bytes are an aggregate. With the magic but a wrong digest, or cut short, they are an ordinary record, as the KCL reads them. */
export function isAggregate(data: Uint8Array): boolean {
  if (data.length <= MAGIC.length + MD5_BYTES || MAGIC.some((byte, at) => data[at] !== byte)) return false;
  const digest = createHash('md5').update(messageOf(data)).digest();
  return digest.equals(data.subarray(-MD5_BYTES));
}

/** The user records of an aggregate, in order; their data are views into `data`. Throws AggregateCorrupt, TooManyUserRecords. */
export function userRecords(data: Uint8Array, most: number): readonly UserRecord[] {
  const { keys, records } = parse(() => readAggregate(messageOf(data), most));
  if (records.length === 0) throw new AggregateCorrupt('it holds no record');
  return records.map((bytes) => {
    const record = parse(() => readRecord(bytes));
    const partitionKey = keys[record.keyIndex];
    if (partitionKey === undefined) throw new AggregateCorrupt('a record names a partition key that is not there');
    return { partitionKey, data: record.data };
  });
}

const messageOf = (data: Uint8Array): Uint8Array => data.subarray(MAGIC.length, data.length - MD5_BYTES);

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof TooManyUserRecords) throw cause;
    throw new AggregateCorrupt('its protobuf message cannot be read', { cause });
  }
}

function readAggregate(message: Uint8Array, most: number): { keys: string[]; records: Uint8Array[] } {
  const keys: string[] = [];
  const records: Uint8Array[] = [];
  eachField(message, (field, reader, type) => {
    if (field === AGGREGATE.partitionKeys && type === WireType.LengthDelimited) keys.push(reader.string());
    else if (field === AGGREGATE.records && type === WireType.LengthDelimited) records.push(reader.bytes());
    else reader.skip(type);
    if (records.length > most) throw new TooManyUserRecords(most);
  });
  return { keys, records };
}

function readRecord(message: Uint8Array): { keyIndex: number; data: Uint8Array } {
  let keyIndex = 0;
  let data: Uint8Array = new Uint8Array();
  eachField(message, (field, reader, type) => {
    if (field === RECORD.partitionKeyIndex && type === WireType.Varint) keyIndex = Number(reader.uint64());
    else if (field === RECORD.data && type === WireType.LengthDelimited) data = reader.bytes();
    else reader.skip(type);
  });
  return { keyIndex, data };
}

function eachField(message: Uint8Array, visit: (field: number, reader: BinaryReader, type: WireType) => void): void {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    visit(field, reader, type);
  }
}
