import { createHash } from 'node:crypto';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const MAGIC = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2);

/** A user record as a KPL producer would put it. */
export interface Aggregated {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** An aggregate as the Kinesis Producer Library makes it (aggregation-format.md of awslabs/amazon-kinesis-producer). */
export const aggregateOf = (records: readonly Aggregated[]): Buffer => {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  return sealed(
    aggregatedRecord(
      keys,
      records.map(({ partitionKey, data }) => ({ keyIndex: keys.indexOf(partitionKey), data })),
    ),
  );
};

/** The message of an aggregate. Takes key indexes as they are, for aggregates that no producer would make. */
export function aggregatedRecord(
  keys: readonly string[],
  records: readonly { readonly keyIndex: number; readonly data: Uint8Array }[],
): Uint8Array {
  const writer = new BinaryWriter();
  for (const key of keys) writer.tag(1, WireType.LengthDelimited).string(key);
  for (const { keyIndex, data } of records) {
    const record = new BinaryWriter()
      .tag(1, WireType.Varint)
      .uint64(keyIndex)
      .tag(3, WireType.LengthDelimited)
      .bytes(data);
    writer.tag(3, WireType.LengthDelimited).bytes(record.finish());
  }
  return writer.finish();
}

/** Any bytes under the magic of an aggregate and with their right digest. */
export const sealed = (message: Uint8Array): Buffer =>
  Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()]);
