import type { KinesisStreamEvent } from 'aws-lambda';
import type { Arrival } from './traffic.ts';

/** The stream's only shard, as positions name it. */
export const SHARD = 'shardId-000000000000';
/** As long as real sequence numbers are: rows carry them. */
const FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;

/** What Lambda hands over for a batch whose first record is the `from`th of the stream. */
export function invocationOf(arrivals: readonly Arrival[], from: number): KinesisStreamEvent {
  return {
    Records: arrivals.map(({ event, arrivalMs }, nth) => {
      const sequenceNumber = String(FIRST_SEQUENCE + BigInt(from + nth));
      return {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: event.subject,
          sequenceNumber,
          data: Buffer.from(JSON.stringify(event)).toString('base64'),
          approximateArrivalTimestamp: arrivalMs / 1000,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `${SHARD}:${sequenceNumber}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::000000000000:role/bench',
        awsRegion: 'us-east-1',
        eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/shop',
      };
    }),
  };
}
