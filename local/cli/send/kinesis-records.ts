import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { transientCode, transientOf } from '../../../lambdas/aws/errors.ts';
import type { PutRecords } from './sender.ts';

const PORT = 'stream';

/** Puts records into a stream. The client must not retry by itself: the sender does, and keeps each key's order. */
export const kinesisRecords =
  (client: KinesisClient, streamName: string): PutRecords =>
  async (records, signal) => {
    const Records = records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
    try {
      const answer = await client.send(new PutRecordsCommand({ StreamName: streamName, Records }), {
        abortSignal: signal,
      });
      return (answer.Records ?? []).map(({ ErrorCode, ErrorMessage }) =>
        ErrorCode === undefined ? undefined : transientCode(PORT, ErrorCode, ErrorMessage),
      );
    } catch (error) {
      throw transientOf(PORT, error) ?? error;
    }
  };
