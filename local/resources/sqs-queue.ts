import { CreateQueueCommand, DeleteQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { boolean, integer, physicalName, type SupportedType, supported } from '../cloudformation/resource-type.ts';
import { arn, REASONS, type Services } from './services.ts';

/** AWS::SQS::Queue, in fauxqs. */
export const sqsQueue = ({ clients }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({
      QueueName: z.string().optional(),
      FifoQueue: boolean.optional(),
      ContentBasedDeduplication: boolean.optional(),
      DeduplicationScope: z.string().optional(),
      FifoThroughputLimit: z.string().optional(),
      DelaySeconds: integer.optional(),
      MaximumMessageSize: integer.optional(),
      MessageRetentionPeriod: integer.optional(),
      ReceiveMessageWaitTimeSeconds: integer.optional(),
      VisibilityTimeout: integer.optional(),
      RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: integer }).optional(),
    }),
    ignored: {
      KmsMasterKeyId: REASONS.encryption,
      KmsDataKeyReusePeriodSeconds: REASONS.encryption,
      SqsManagedSseEnabled: REASONS.encryption,
      RedriveAllowPolicy: REASONS.access,
      Tags: REASONS.tags,
    },
    create: async ({ QueueName, ...attributes }, context) => {
      const suffix = attributes.FifoQueue ? '.fifo' : '';
      const name = QueueName ?? physicalName(context, 80 - suffix.length) + suffix;
      const { QueueUrl: url } = await clients.sqs.send(
        new CreateQueueCommand({ QueueName: name, Attributes: asText(attributes) }),
      );
      if (!url) throw new Error(`${context.where}: SQS made queue ${name} without a URL`);
      return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
    },
    update: {
      fixed: ['QueueName', 'FifoQueue'],
      apply: async ({ QueueName: _1, FifoQueue: _2, ...attributes }, physical) => {
        const set = { QueueUrl: physical.ref, Attributes: asText(attributes) };
        await clients.sqs.send(new SetQueueAttributesCommand(set));
        return physical;
      },
    },
    remove: async ({ ref }) => {
      await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: ref }));
    },
  });

/** SQS takes every attribute as text, policies as JSON. */
function asText(attributes: Readonly<Record<string, unknown>>): Record<string, string> {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    present.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
}
