import { KinesisClient, type KinesisClientConfig, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type PutRecords, RecordError } from './record.ts';

/** What a producer needs of a Kinesis client. */
export type RecordsClient = Pick<KinesisClient, 'send'>;

/**
 * A client for producers. It does not retry by itself, since the producer does and keeps each key's order; it keeps connections, and gives up
 * one that does not come about, or stays silent.
 */
export const producerClient = (config: KinesisClientConfig = {}): KinesisClient =>
  new KinesisClient({
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    }),
    ...config,
  });

/** @param stream name or ARN. */
export function kinesisRecords(client: RecordsClient, stream: string): PutRecords {
  const address = stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream };
  return async (records, abortSignal) => {
    const Records = records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
    const answer = await client.send(new PutRecordsCommand({ ...address, Records }), { abortSignal });
    return records.map((_, nth) => {
      const { ErrorCode, ErrorMessage, ShardId, SequenceNumber } = answer.Records?.[nth] ?? {};
      if (SequenceNumber !== undefined) return { shardId: ShardId ?? 'unknown', sequenceNumber: SequenceNumber };
      return new RecordError(ErrorCode ?? 'MissingAnswer', ErrorMessage ?? 'The answer says nothing of the record');
    });
  };
}
