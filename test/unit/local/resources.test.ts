import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Stack } from '../../../local/cloudformation/deploy.ts';
import type { Services } from '../../../local/resources/services.ts';
import { type LocalServices, startLocalServices } from '../../support/local-services.ts';

let local: LocalServices;
let services: Services;
let count = 0;

beforeAll(async () => {
  local = await startLocalServices();
  services = local.services;
});

afterEach(() => {
  services.functions.length = 0;
  services.mappings.length = 0;
});

afterAll(() => local.stop());

/** Makes these resources in a stack of their own. */
const make = (resources: object): Promise<Stack> => local.make(`S${count++}`, resources);

async function only(type: string, properties: object) {
  const resource = (await make({ R: { Type: type, Properties: properties } })).resources.get('R');
  if (!resource) throw new Error('the resource was not made');
  return resource;
}

describe('resources are made as the template says', () => {
  test('a stream with its shards and retention', async () => {
    const { ref, attributes } = await only('AWS::Kinesis::Stream', { ShardCount: '3', RetentionPeriodHours: 168 });
    const { StreamDescriptionSummary: stream } = await services.clients.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: ref }),
    );
    expect(stream).toMatchObject({ OpenShardCount: 3, RetentionPeriodHours: 168, StreamARN: attributes.Arn });
  });

  test('an on-demand stream begins with four shards', async () => {
    const { ref } = await only('AWS::Kinesis::Stream', { StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    const { StreamDescriptionSummary: stream } = await services.clients.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: ref }),
    );
    expect(stream?.OpenShardCount).toBe(4);
  });

  test('a table with its indexes', async () => {
    const { ref, attributes } = await only('AWS::DynamoDB::Table', {
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'segment', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [
        {
          IndexName: 'bySegment',
          KeySchema: [{ AttributeName: 'segment', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['band'] },
        },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    const { Table } = await services.clients.dynamodb.send(new DescribeTableCommand({ TableName: ref }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: attributes.Arn,
      GlobalSecondaryIndexes: [{ IndexName: 'bySegment', Projection: { NonKeyAttributes: ['band'] } }],
    });
  });

  test('a queue with its attributes', async () => {
    const { ref, attributes } = await only('AWS::SQS::Queue', {
      MessageRetentionPeriod: 1209600,
      VisibilityTimeout: '7',
    });
    const { Attributes } = await services.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: ref, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      MessageRetentionPeriod: '1209600',
      VisibilityTimeout: '7',
      QueueArn: attributes.Arn,
    });
  });

  test('a FIFO queue has a name that says so', async () => {
    const { attributes } = await only('AWS::SQS::Queue', { FifoQueue: true });
    expect(attributes.QueueName).toMatch(/\.fifo$/);
  });

  test('a bucket with a name that S3 takes', async () => {
    const { ref } = await only('AWS::S3::Bucket', {});
    const { Buckets = [] } = await services.clients.s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain(ref);
    expect(ref).toMatch(/^[a-z0-9-]{3,63}$/);
  });

  test('a topic whose subscribed queue gets its messages', async () => {
    const stack = await make({
      Topic: { Type: 'AWS::SNS::Topic' },
      Queue: { Type: 'AWS::SQS::Queue' },
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
    await services.sns.publish(stack.resources.get('Topic')?.ref ?? '', 'hello');
    const { Messages = [] } = await services.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: stack.resources.get('Queue')?.ref }),
    );
    expect(Messages.map(({ Body }) => Body)).toEqual(['hello']);
  });

  test("a function with Lambda's defaults", async () => {
    const code = { S3Bucket: 'b', S3Key: 'code.zip' };
    const { ref } = await only('AWS::Lambda::Function', {
      Code: code,
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
    });
    expect(services.functions).toMatchObject([
      {
        name: ref,
        timeoutSeconds: 3,
        memoryMb: 128,
        environment: {},
        logFormat: 'Text',
        logGroup: `/aws/lambda/${ref}`,
      },
    ]);
  });

  test("a mapping with Lambda's defaults", async () => {
    await only('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
      FunctionName: 'fn',
      StartingPosition: 'TRIM_HORIZON',
    });
    expect(services.mappings).toMatchObject([
      {
        enabled: true,
        countsEvents: false,
        settings: {
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
          batchSize: 100,
          maximumBatchingWindowInSeconds: 0,
          parallelizationFactor: 1,
          bisectBatchOnFunctionError: false,
          reportBatchItemFailures: false,
          maximumRetryAttempts: -1,
          maximumRecordAgeInSeconds: -1,
        },
      },
    ]);
  });

  test('mappings have UUIDs of version 4, the same at every start', async () => {
    const mapping = {
      EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
      FunctionName: 'fn',
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 12.5,
    };
    const first = await only('AWS::Lambda::EventSourceMapping', mapping);
    count -= 1;
    const again = await only('AWS::Lambda::EventSourceMapping', mapping);
    expect(first.ref).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(again.ref).toBe(first.ref);
    expect(services.mappings[0]?.settings.startingPosition).toEqual({ timestampMs: 12_500 });
  });
});

describe('what cannot be honoured is refused by name', () => {
  const fn = { Code: { S3Bucket: 'b', S3Key: 'code.zip' }, Handler: 'index.handler', Runtime: 'nodejs24.x' };
  const mapping = {
    EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
    FunctionName: 'fn',
    StartingPosition: 'LATEST',
  };

  test.each<[string, object, RegExp]>([
    [
      'AWS::Kinesis::Stream',
      { MaxRecordSizeInKiB: 2048 },
      /MaxRecordSizeInKiB: kinesalite takes records of up to 1024 KiB/,
    ],
    [
      'AWS::DynamoDB::Table',
      { KeySchema: [], AttributeDefinitions: [], StreamSpecification: {} },
      /StreamSpecification: neither/,
    ],
    ['AWS::SQS::Queue', { Unheard: 1 }, /Unheard: neither honoured nor ignored/],
    ['AWS::SNS::Subscription', { TopicArn: 'a', Protocol: 'email', Endpoint: 'x' }, /Protocol: only queues/],
    ['AWS::S3::Bucket', { WebsiteConfiguration: {} }, /WebsiteConfiguration: neither/],
    ['AWS::Lambda::Function', { ...fn, Code: { ZipFile: 'x' } }, /Code\.ZipFile: neither/],
    ['AWS::Lambda::Function', { ...fn, Code: { S3Bucket: 'b', S3Key: 'other.zip' } }, /there is no asset other\.zip/],
    ['AWS::Lambda::Function', { ...fn, Runtime: 'python3.13' }, /Runtime python3\.13 cannot be run by this process/],
    ['AWS::Lambda::Function', { ...fn, FileSystemConfigs: [] }, /FileSystemConfigs: neither/],
    ['AWS::Lambda::EventSourceMapping', { ...mapping, FilterCriteria: {} }, /FilterCriteria: neither/],
    [
      'AWS::Lambda::EventSourceMapping',
      { ...mapping, EventSourceArn: 'arn:aws:sqs:us-east-1:0:q' },
      /only Kinesis streams/,
    ],
  ])('%s with %j', async (type, properties, message) => {
    await expect(only(type, properties)).rejects.toThrow(message);
  });
});
