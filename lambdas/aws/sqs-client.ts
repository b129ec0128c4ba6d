import { SendMessageBatchCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { quiet } from './quiet.ts';
import type { SendBatch } from './sqs-batch.ts';

/** SendMessageBatch by the SDK's client. */
export const sendBatchOf =
  (client: Pick<SQSClient, 'send'>): SendBatch =>
  async (QueueUrl, Entries, abortSignal) =>
    client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [...Entries] }), { abortSignal });

/** The same with a client of its own. Loaded on first use: few batches ever send a message. */
export const createSendBatch = (config: SQSClientConfig): SendBatch => sendBatchOf(quiet(new SQSClient(config)));
