import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Stack } from './cloudformation/deploy.ts';
import { onFailureObjectKey } from './esm/on-failure.ts';
import type { PollerPorts } from './esm/ports.ts';
import type { MappingDefinition, Services } from './resources/services.ts';

/**
 * Delivers to the on-failure destination of a mapping: a queue, a topic or a bucket of the stacks.
 *
 * @throws if the destination is none of them.
 */
export function onFailureDelivery(
  { stack, logicalId, settings }: MappingDefinition,
  stacks: readonly Stack[],
  { clients, sns }: Services,
): PollerPorts['deliverOnFailure'] {
  const { onFailureArn: destination, uuid } = settings;
  if (destination === undefined) return () => Promise.resolve();
  const target = resourceOf(destination, stacks);
  switch (target?.type) {
    case 'AWS::SQS::Queue':
      return async (document, abortSignal) => {
        const message = { QueueUrl: target.ref, MessageBody: JSON.stringify(document) };
        await clients.sqs.send(new SendMessageCommand(message), { abortSignal });
      };
    case 'AWS::SNS::Topic':
      return (document, signal) => sns.publish(destination, JSON.stringify(document), { signal });
    case 'AWS::S3::Bucket':
      return async (document, abortSignal) => {
        const Key = onFailureObjectKey(uuid, document, randomUUID());
        const object = { Bucket: target.ref, Key, Body: JSON.stringify(document) };
        await clients.s3.send(new PutObjectCommand(object), { abortSignal });
      };
    default:
      throw new Error(`${stack}/${logicalId}: no stack has the on-failure destination ${destination}`);
  }
}

/** The resource of an on-failure destination; undefined if no stack has it. */
export function resourceOf(destination: string, stacks: readonly Stack[]) {
  const resources = stacks.flatMap((made) => [...made.resources.values()]);
  return resources.find(({ attributes }) => (attributes.Arn ?? attributes.TopicArn) === destination);
}
