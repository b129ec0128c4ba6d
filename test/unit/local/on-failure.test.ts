import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Stack } from '../../../local/cloudformation/deploy.ts';
import type { OnFailureDocument } from '../../../local/esm/protocol.ts';
import { onFailureDelivery } from '../../../local/on-failure.ts';
import type { MappingDefinition } from '../../../local/resources/services.ts';
import { type LocalServices, startLocalServices } from '../../support/local-services.ts';

const document: OnFailureDocument = {
  requestContext: {
    requestId: '6f9d8b3c-0000-4000-8000-000000000000',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 2,
  },
  version: '1.0',
  timestamp: '2026-01-02T03:04:05.678Z',
  KinesisBatchInfo: {
    shardId: 'shardId-000000000000',
    startSequenceNumber: '1',
    endSequenceNumber: '2',
    approximateArrivalOfFirstRecord: '2026-01-02T03:04:05.000Z',
    approximateArrivalOfLastRecord: '2026-01-02T03:04:05.000Z',
    batchSize: 2,
    streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
  },
};

let local: LocalServices;
let stack: Stack;

beforeAll(async () => {
  local = await startLocalServices();
  stack = await local.make('Destinations', {
    Queue: { Type: 'AWS::SQS::Queue' },
    Bucket: { Type: 'AWS::S3::Bucket' },
    Topic: { Type: 'AWS::SNS::Topic' },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Topic' },
        Protocol: 'sqs',
        Endpoint: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        RawMessageDelivery: true,
      },
    },
  });
});

afterAll(() => local.stop());

/** Delivers the document to a destination of the stack, or to an ARN. */
async function deliver(destination: string | undefined): Promise<void> {
  const definition = { stack: 'S', logicalId: 'M', settings: { uuid: 'uuid', onFailureArn: destination } };
  const delivery = onFailureDelivery(definition as MappingDefinition, [stack], local.services);
  await delivery(document, new AbortController().signal);
}

const resource = (logicalId: string) => {
  const found = stack.resources.get(logicalId);
  if (!found) throw new Error(`there is no ${logicalId}`);
  return found;
};

async function received(): Promise<unknown[]> {
  const { Messages = [] } = await local.services.clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: resource('Queue').ref }),
  );
  return Messages.map(({ Body = '' }) => JSON.parse(Body));
}

describe('an on-failure document', () => {
  test('goes to a queue', async () => {
    await deliver(resource('Queue').attributes.Arn);
    expect(await received()).toEqual([document]);
  });

  test('goes to a topic', async () => {
    await deliver(resource('Topic').attributes.TopicArn);
    expect(await received()).toEqual([document]);
  });

  test('goes to a bucket, under the key that Lambda gives it', async () => {
    await deliver(resource('Bucket').attributes.Arn);
    const { s3 } = local.services.clients;
    const Bucket = resource('Bucket').ref;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual([
      expect.stringMatching(
        /^aws\/lambda\/uuid\/shardId-000000000000\/2026\/01\/02\/2026-01-02T03\.04\.05-[0-9a-f-]{36}$/,
      ),
    ]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key }));
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toEqual(document);
  });

  test('goes nowhere if the mapping has no destination, as on AWS', async () => {
    await expect(deliver(undefined)).resolves.toBeUndefined();
  });

  test('has a destination that exists, or the mapping is refused', async () => {
    await expect(deliver('arn:aws:sqs:us-east-1:000000000000:gone')).rejects.toThrow(
      'S/M: no stack has the on-failure destination arn:aws:sqs:us-east-1:000000000000:gone',
    );
  });
});
