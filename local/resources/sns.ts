import { z } from 'zod';
import { boolean, physicalName, type SupportedType, supported } from '../cloudformation/resource-type.ts';
import { arn, REASONS, type Services } from './services.ts';

/** AWS::SNS::Topic, in fauxqs. */
export const snsTopic = ({ sns }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({ TopicName: z.string().optional() }),
    ignored: {
      DisplayName: REASONS.text,
      KmsMasterKeyId: REASONS.encryption,
      TracingConfig: 'there is no X-Ray here',
      Tags: REASONS.tags,
    },
    create: async ({ TopicName }, context) => {
      const name = TopicName ?? physicalName(context, 256);
      await sns.createTopic(name);
      const topicArn = arn('sns', name);
      return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
    },
    remove: ({ ref }) => sns.deleteTopic(ref),
  });

/** AWS::SNS::Subscription of a queue, in fauxqs. Nothing else can be reached from a machine without a network. */
export const snsSubscription = ({ sns }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({
      TopicArn: z.string(),
      Protocol: z.literal('sqs', 'only queues are subscribed locally'),
      Endpoint: z.string(),
      RawMessageDelivery: boolean.default(false),
    }),
    ignored: {},
    create: async ({ TopicArn, Endpoint, RawMessageDelivery }) => {
      const subscriptionArn = await sns.subscribeQueue(TopicArn, Endpoint, RawMessageDelivery);
      return { ref: subscriptionArn, attributes: { Arn: subscriptionArn } };
    },
    remove: ({ ref }) => sns.unsubscribe(ref),
  });
