import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A queue as a test looks at it. */
export interface TestQueue {
  depth(): Promise<{ readonly visible: number; readonly hidden: number }>;
  /** The body of some message, which is visible again afterwards. */
  peek(): Promise<string>;
  send(body: string): Promise<void>;
}

export const testQueue = (sqs: SQSClient, QueueUrl: string): TestQueue => ({
  depth: async () => {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes ?? {};
    return { visible: Number(visible), hidden: Number(hidden) };
  },
  peek: async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
    const [{ Body, ReceiptHandle } = {}] = Messages;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    return String(Body);
  },
  send: async (MessageBody) => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  },
});
