import fc from 'fast-check';
import {
  eventBytes,
  fitsInvocation,
  kinesisEvent,
  MAX_INVOKE_PAYLOAD_BYTES,
  payloadMeter,
} from '../../../local/esm/payload.ts';
import type { StreamRecord } from '../../../local/esm/types.ts';
import { SETTINGS } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000006';
const records = fc.array(
  fc.record<StreamRecord>({
    sequenceNumber: fc.bigInt({ min: 1n, max: 10n ** 60n }).map(String),
    partitionKey: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    arrivalMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    data: fc.uint8Array({ maxLength: 100 }),
  }),
  { maxLength: 5 },
);

describe('the invoke event', () => {
  test('has Lambda’s shape for Kinesis', () => {
    const bytes = new TextEncoder().encode('..Hello, this is a test...');
    const record = {
      sequenceNumber: '49545115243490985018280067714973144582180062593244200961',
      partitionKey: '03',
      arrivalMs: 1_545_084_650_987,
      data: bytes.subarray(2, -2),
    };
    expect(kinesisEvent(SETTINGS, SHARD, [record])).toEqual({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: '1.0',
            partitionKey: '03',
            sequenceNumber: '49545115243490985018280067714973144582180062593244200961',
            data: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
            approximateArrivalTimestamp: 1_545_084_650.987,
          },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: 'shardId-000000000006:49545115243490985018280067714973144582180062593244200961',
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: 'arn:aws:iam::111111111111:role/profiles',
          awsRegion: 'eu-west-1',
          eventSourceARN: 'arn:aws:kinesis:eu-west-1:111111111111:stream/events',
        },
      ],
    });
  });

  test('is metered to the byte, whatever its keys and data', () => {
    fc.assert(
      fc.property(records, (batch) => {
        const meter = payloadMeter(SETTINGS, SHARD);
        const metered = eventBytes(
          batch.length,
          batch.reduce((bytes, record) => bytes + meter(record), 0),
        );
        expect(metered).toBe(Buffer.byteLength(JSON.stringify(kinesisEvent(SETTINGS, SHARD, batch))));
      }),
    );
  });

  test('fits an invocation up to 6,291,456 bytes, envelope included', () => {
    const largest = MAX_INVOKE_PAYLOAD_BYTES - '{"Records":[]}'.length;
    expect(fitsInvocation(1, largest)).toBe(true);
    expect(fitsInvocation(1, largest + 1)).toBe(false);
    expect(fitsInvocation(2, largest)).toBe(false);
  });
});
