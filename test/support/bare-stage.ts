import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { STATEFUL_OUTPUTS, STATELESS_OUTPUTS } from '../../lib/stacks/outputs.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { writeAssembly } from './assembly.ts';
import { bundle } from './bundle.ts';

export const STATEFUL = 'Millrace-local-Stateful';
const STATELESS = 'Millrace-local-Stateless';
export const SYSTEM = 'profiles';

/** Writes a checkpoint an invocation, as the runtime does. */
const HANDLER = `
  import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  export const handler = async ({ Records }) => {
    const positions = Object.fromEntries(Records.map(({ eventID, kinesis }) => [eventID.split(':')[0], kinesis.sequenceNumber]));
    await tables.send(new PutCommand({
      TableName: process.env.CHECKPOINTS, Item: { id: 'tx#' + Math.random(), positions, at: Date.now() },
    }));
    return { batchItemFailures: [] };
  };`;

const imported = (key: string) => ({ 'Fn::ImportValue': `${STATEFUL}:${key}` });
const output = (key: string, Value: object) => ({ [key]: { Value, Export: { Name: `${STATEFUL}:${key}` } } });

const stateful = {
  Resources: {
    Shop: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1, RetentionPeriodHours: 168 } },
    Checkpoints: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
    Dead: { Type: 'AWS::SQS::Queue' },
    Failed: { Type: 'AWS::SQS::Queue' },
  },
  Outputs: {
    ...output(STATEFUL_OUTPUTS.streamName('shop'), { Ref: 'Shop' }),
    ...output('ShopArn', { 'Fn::GetAtt': ['Shop', 'Arn'] }),
    ...output(STATEFUL_OUTPUTS.checkpointTableName(SYSTEM), { Ref: 'Checkpoints' }),
    ...output(STATEFUL_OUTPUTS.deadLetterQueueUrl(SYSTEM), { Ref: 'Dead' }),
    ...output(STATEFUL_OUTPUTS.onFailureQueueUrl(SYSTEM), { Ref: 'Failed' }),
  },
};

const stateless = {
  Resources: {
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: { 'Fn::Sub': `assets-$${'{AWS::AccountId}'}` }, S3Key: 'code.zip' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: 'arn:aws:iam::000000000000:role/none',
        Environment: { Variables: { CHECKPOINTS: imported(STATEFUL_OUTPUTS.checkpointTableName(SYSTEM)) } },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: imported('ShopArn'),
        FunctionName: { Ref: 'Function' },
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
    BrokenBatches: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Namespace: metricNamespace('local'),
        MetricName: METRICS.brokenBatches,
        Dimensions: [{ Name: METRIC_DIMENSION, Value: SYSTEM }],
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmDescription: 'Rows stand still. First: roll the last deployment back.',
      },
    },
  },
  Outputs: {
    [STATELESS_OUTPUTS.functionName(SYSTEM)]: { Value: { Ref: 'Function' } },
    [STATELESS_OUTPUTS.mappingId(SYSTEM)]: { Value: { Ref: 'Mapping' } },
  },
};

/** A stage of one system, whose functions do nothing but write checkpoints. */
export interface BareStage extends AsyncDisposable {
  readonly cloud: Cloud;
}

export async function startBareStage(): Promise<BareStage> {
  const code = await bundle(HANDLER);
  const assembly = writeAssembly(
    { [STATELESS]: { template: stateless, dependencies: [STATEFUL] }, [STATEFUL]: { template: stateful } },
    { 'code.zip': code.directory },
  );
  const cloud = await startCloud({
    assemblyDir: assembly.directory,
    engine: { pollIntervalMs: 20, shardListIntervalMs: 50 },
  });
  return {
    cloud,
    [Symbol.asyncDispose]: async () => {
      await cloud.stop();
      assembly[Symbol.dispose]();
      code[Symbol.dispose]();
    },
  };
}
