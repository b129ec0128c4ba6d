// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes placeholders in plain text.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { STATEFUL_OUTPUTS, statefulStackName } from '../../lib/stacks/outputs.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';
import { synthesize } from '../../local/synth.ts';
import type { Trouble } from '../../local/trouble.ts';
import { type AssemblyFixture, writeAssembly } from '../support/assembly.ts';
import { type BundleFixture, bundle } from '../support/bundle.ts';
import { until } from '../support/until.ts';

/** Counts the records of a key in a table, keeps each payload in a bucket, and fails on request. */
const COUNTER = `
  import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
  import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
  import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
  import { NodeHttpHandler } from '@smithy/node-http-handler';

  const tables = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() });
  const s3 = new S3Client({});

  export const handler = async (event) => {
    for (const { kinesis: { partitionKey, data } } of event.Records) {
      const { fail, keep, forward } = JSON.parse(Buffer.from(data, 'base64').toString());
      if (fail === 'crash') process.exit(1);
      await tables.send(new UpdateCommand({
        TableName: process.env.TABLE, Key: { id: partitionKey },
        UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': 1 },
      }));
      if (keep) await s3.send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: partitionKey, Body: keep }));
      if (forward) await kinesis.send(new PutRecordCommand({
        StreamName: process.env.NEXT, PartitionKey: forward, Data: Buffer.from('{}'),
      }));
    }
    console.log(JSON.stringify({
      _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'Test', Dimensions: [['system']], Metrics: [{ Name: 'Records' }] }] },
      system: 'counter', Records: event.Records.length,
    }));
    return { batchItemFailures: [] };
  };`;

const stateful = {
  Resources: {
    Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: {} } },
    Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 2, RetentionPeriodHours: 168 } },
    Next: { Type: 'AWS::Kinesis::Stream', Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' } } },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true, KMSMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
      },
    },
    Bucket: { Type: 'AWS::S3::Bucket' },
    Failures: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1209600 } },
  },
  Outputs: Object.fromEntries(
    [
      ['StreamName', { Ref: 'Stream' }],
      ['StreamArn', { 'Fn::GetAtt': ['Stream', 'Arn'] }],
      ['NextName', { Ref: 'Next' }],
      ['NextArn', { 'Fn::GetAtt': ['Next', 'Arn'] }],
      ['TableName', { Ref: 'Table' }],
      ['BucketName', { Ref: 'Bucket' }],
      ['FailuresUrl', { Ref: 'Failures' }],
      ['FailuresArn', { 'Fn::GetAtt': ['Failures', 'Arn'] }],
    ].map(([key, Value]) => [key, { Value, Export: { Name: `Stateful:${key}` } }]),
  ),
};

const imported = (key: string) => ({ 'Fn::ImportValue': `Stateful:${key}` });

const mapping = (streamArn: string) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: imported(streamArn),
    FunctionName: { Ref: 'Function' },
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 10,
    ParallelizationFactor: 2,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: imported('FailuresArn') } },
    MetricsConfig: { Metrics: ['EventCount'] },
  },
});

const stateless = {
  Resources: {
    Role: { Type: 'AWS::IAM::Role' },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'counter.zip' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Timeout: 30,
        MemorySize: 256,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Environment: {
          Variables: { TABLE: imported('TableName'), BUCKET: imported('BucketName'), NEXT: imported('NextName') },
        },
      },
    },
    Mapping: mapping('StreamArn'),
    Second: mapping('NextArn'),
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'Function' } }],
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 0,
      },
    },
  },
};

let code: BundleFixture;
let assembly: AssemblyFixture;
let cloud: Cloud;
const troubles: Trouble[] = [];

const start = (options: Partial<CloudOptions> = {}) =>
  startCloud({
    assemblyDir: assembly.directory,
    engine: { pollIntervalMs: 20, shardListIntervalMs: 50, retryBaseMs: 5 },
    onTrouble: (trouble) => troubles.push(trouble),
    ...options,
  });

beforeAll(async () => {
  code = await bundle(COUNTER);
  assembly = writeAssembly(
    { Stateless: { template: stateless, dependencies: ['Stateful'] }, Stateful: { template: stateful } },
    { 'counter.zip': code.directory },
  );
});

afterAll(() => {
  assembly[Symbol.dispose]();
  code[Symbol.dispose]();
});

beforeEach(() => {
  troubles.length = 0;
});

afterEach(() => {
  expect(troubles).toEqual([]);
});

/** Puts records by [key, instructions], at most 500. */
async function put(records: readonly (readonly [string, object])[]): Promise<void> {
  const { FailedRecordCount } = await cloud.clients.kinesis.send(
    new PutRecordsCommand({
      StreamName: cloud.output('Stateful', 'StreamName'),
      Records: records.map(([PartitionKey, data]) => ({ PartitionKey, Data: Buffer.from(JSON.stringify(data)) })),
    }),
  );
  expect(FailedRecordCount).toBe(0);
}

async function counts(): Promise<Record<string, number>> {
  const { Items = [] } = await cloud.clients.documents.send(
    new ScanCommand({ TableName: cloud.output('Stateful', 'TableName') }),
  );
  return Object.fromEntries(Items.map(({ id, n }) => [id, n]));
}

const inSeconds = (seconds: number) => AbortSignal.timeout(seconds * 1000);

describe('the local cloud', () => {
  beforeEach(async () => {
    cloud = await start();
  });

  afterEach(() => cloud.stop());

  test('carries records from a stream through the function of the template into its table', async () => {
    const keys = Array.from({ length: 200 }, (_, i) => `user-${i % 20}`);
    await put(keys.map((key) => [key, {}]));
    await cloud.untilDrained(inSeconds(100));
    expect(await counts()).toEqual(Object.fromEntries(keys.map((key) => [key, 10])));
    const [first] = cloud.mappings;
    expect(first?.isDrained()).toBe(true);
    expect(first?.status().map(({ buffered, inFlight }) => [buffered, inFlight])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(first?.checkpoints()).toHaveLength(2);
  });

  test('is drained only once what functions put into further streams is processed, too', async () => {
    await put([
      ['a', { forward: 'b' }],
      ['c', { forward: 'd' }],
    ]);
    await cloud.untilDrained(inSeconds(100));
    expect(await counts()).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  });

  test('counts what passes to the table, and keeps the metrics of functions, mappings and logs', async () => {
    await put([
      ['a', {}],
      ['b', {}],
      ['a', {}],
    ]);
    await cloud.untilDrained(inSeconds(100));
    const table = cloud.output('Stateful', 'TableName');
    expect(cloud.tableCounts(table)).toMatchObject({ updates: 3, writeUnits: 3, conditionFailures: 0 });
    const sum = (namespace: string, name: string, dimensions: Record<string, string>) =>
      cloud.metrics.statistics({ namespace, name, dimensions }).sum;
    expect(sum('Test', 'Records', { system: 'counter' })).toBe(3);
    const functionName = [...cloud.functions.keys()][0] ?? '';
    expect(sum('AWS/Lambda', 'Invocations', { FunctionName: functionName })).toBeGreaterThan(0);
    expect(sum('AWS/Lambda', 'Errors', { FunctionName: functionName })).toBe(0);
    const uuid = cloud.mappings.find(({ definition }) => definition.logicalId === 'Mapping')?.uuid ?? '';
    expect(sum('AWS/Lambda', 'PolledEventCount', { EventSourceMappingUUID: uuid })).toBe(3);
  });

  test('sends what the function never survives to the on-failure queue, and applies its neighbours', async () => {
    await put([
      ['before', {}],
      ['crashes', { fail: 'crash' }],
      ['after', {}],
    ]);
    await cloud.untilDrained(inSeconds(100));
    expect(await counts()).toEqual({ before: expect.any(Number), after: expect.any(Number) });
    const queue = { QueueUrl: cloud.output('Stateful', 'FailuresUrl'), MaxNumberOfMessages: 10 };
    const { Messages = [] } = await cloud.clients.sqs.send(new ReceiveMessageCommand(queue));
    expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
      { requestContext: { condition: 'RetryAttemptsExhausted' }, KinesisBatchInfo: { batchSize: 1 } },
    ]);
  });

  test('gives functions the bucket of the template', async () => {
    await put([['object', { keep: 'x'.repeat(100_000) }]]);
    await cloud.untilDrained(inSeconds(100));
    const Bucket = cloud.output('Stateful', 'BucketName');
    const { Body } = await cloud.clients.s3.send(new GetObjectCommand({ Bucket, Key: 'object' }));
    expect((await Body?.transformToString())?.length).toBe(100_000);
  });

  test('goes on where a killed environment left off', async () => {
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
    const [fn] = [...cloud.functions.values()];
    await put(keys.map((key) => [key, {}] as const));
    await until(() => fn?.kill() ?? false);
    await cloud.untilDrained(inSeconds(100));
    expect(Object.keys(await counts()).sort()).toEqual(keys.toSorted());
    expect(
      cloud.metrics.statistics({
        namespace: 'AWS/Lambda',
        name: 'Errors',
        dimensions: { FunctionName: fn?.definition.name ?? '' },
      }).sum,
    ).toBe(1);
  });

  test('keeps alarms with their references resolved', () => {
    const [alarm] = cloud.alarms;
    const functionName = [...cloud.functions.keys()][0];
    expect(alarm?.properties).toMatchObject({ Dimensions: [{ Name: 'FunctionName', Value: functionName }] });
  });

  test('names the outputs that there are', () => {
    expect(() => cloud.output('Stateful', 'Nope')).toThrow(
      /has no output Nope; it has: StreamName, .*stacks are: Stateful, Stateless/,
    );
  });

  test('ends a wait for drained when it is told to', async () => {
    const reason = new Error('enough');
    await put([['a', {}]]);
    await expect(cloud.untilDrained(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('a process with a local cloud', () => {
  /** Runs a module in a process of its own; nothing in it calls `process.exit`. */
  async function run(body: string, assemblyDir: string): Promise<{ code: number | null; output: string }> {
    const cloudModule = pathToFileURL(join(import.meta.dirname, '../../local/cloud.ts')).href;
    const module = `import { startCloud } from ${JSON.stringify(cloudModule)}; ${body}`;
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', module, assemblyDir], { env });
    const [code, output, errors] = await Promise.all([
      new Promise<number | null>((resolve) => child.on('close', resolve)),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, output: output + errors };
  }

  test('ends by itself once the cloud has stopped', async () => {
    const body = `
      import { setTimeout as delay } from 'node:timers/promises';
      const cloud = await startCloud({ assemblyDir: process.argv[1] });
      const kinesis = cloud.clients.kinesis;
      const sns = await fetch(cloud.endpoints.sns, { method: 'POST', body: new URLSearchParams({ Action: 'ListTopics' }) });
      await [...cloud.functions.values()][0].invoke({ Records: [] });
      await Promise.all([cloud.stop(), cloud.stop()]);
      console.log('stopped');`;
    expect(await run(body, assembly.directory)).toEqual({ code: 0, output: 'stopped\n' });
  });

  test('ends by itself after a start that failed half-way', async () => {
    using broken = writeAssembly({
      Stateful: { template: stateful },
      Broken: {
        template: { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { Colour: 'red' } } } },
        dependencies: ['Stateful'],
      },
    });
    const body = 'await startCloud({ assemblyDir: process.argv[1] }).catch((error) => console.log(error.message));';
    expect(await run(body, broken.directory)).toEqual({
      code: 0,
      output: 'Broken/Queue Properties: Colour: neither honoured nor ignored by the local cloud\n',
    });
  });
});

describe('the stacks of this project', () => {
  test('synthesize, come up and fold events into profiles, with as many puts as keys and batches ask for', async () => {
    using synthesis = await synthesize({ context: { shards: 3, batchingWindowSeconds: 0 } });
    await using local = await start({ assemblyDir: synthesis.directory });
    const output = (key: string) => local.output(statefulStackName('local'), key);
    const users = Array.from({ length: 30 }, (_, i) => `user-${i}`);
    const viewed = (user: string, visit: number) => ({
      specversion: '1.0',
      id: `${user}-${visit}`,
      source: 'test',
      type: 'page.viewed',
      time: new Date(Date.now() - 60_000 + visit).toISOString(),
      subject: user,
      dataschema: 'urn:millrace:page.viewed:1',
      data: { productId: `product-${visit}` },
    });
    const events = [0, 1, 2].flatMap((visit) => users.map((user) => viewed(user, visit)));
    const Records = events.map((event) => ({ PartitionKey: event.subject, Data: Buffer.from(JSON.stringify(event)) }));
    const StreamName = output(STATEFUL_OUTPUTS.streamName('shop'));
    await local.clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    await local.untilDrained(inSeconds(100));

    const TableName = output(STATEFUL_OUTPUTS.tableName('profiles'));
    const { Items = [] } = await local.clients.documents.send(new ScanCommand({ TableName }));
    expect(Items.map(({ id }) => id).sort()).toEqual(users.toSorted());
    for (const { recentProducts } of Items) expect(recentProducts).toHaveLength(3);
    const metric = (name: string) =>
      local.metrics.statistics({
        namespace: metricNamespace('local'),
        name,
        dimensions: { [METRIC_DIMENSION]: 'profiles' },
      });
    expect(metric(METRICS.applied).sum).toBe(events.length);
    expect(metric(METRICS.puts).sum).toBe(metric(METRICS.putsBound).sum);
    expect(local.tableCounts(TableName).puts).toBe(metric(METRICS.puts).sum);
    expect(local.alarms.length).toBeGreaterThan(0);
  });

  test('a setting that the app refuses fails with what the app says', async () => {
    await expect(synthesize({ context: { shards: 0 } })).rejects.toThrow(/stages\.local\.shards is 0/);
  });
});
