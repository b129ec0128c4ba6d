import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import { DeadLetterQueue } from '../../lib/constructs/dead-letter-queue.ts';
import { EventStream } from '../../lib/constructs/event-stream.ts';
import type { StreamProcessorProps } from '../../lib/constructs/processor-props.ts';
import { StateTable } from '../../lib/constructs/state-table.ts';
import { StreamProcessor } from '../../lib/constructs/stream-processor.ts';
import { newApp, noCode } from './support/synth.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:111111111111:${resource}`;

const system: SystemManifest = {
  name: 'visits',
  description: 'visits per page',
  entry: 'unused',
  inputStream: 'clicks',
  outputStreams: [],
  alertQueues: [],
  deduplication: 'recent',
  indexes: [],
};

/** Somebody else's resources, with a processor of ours on them. */
function onExisting(stack: Stack, changes: Partial<StreamProcessorProps> = {}) {
  const key = (id: string) => Key.fromKeyArn(stack, id, arn('kms', `key/${id}`));
  const stream = Stream.fromStreamAttributes(stack, 'Clicks', {
    streamArn: arn('kinesis', 'stream/clicks'),
    encryptionKey: key('stream-key'),
  });
  const table = (name: string) =>
    Table.fromTableAttributes(stack, name, {
      tableArn: arn('dynamodb', `table/${name}`),
      encryptionKey: key(`${name}-key`),
    });
  const queue = (name: string) => Queue.fromQueueArn(stack, name, arn('sqs', name));
  return new StreamProcessor(stack, 'Visits', {
    system,
    source: { stream, logicalName: 'clicks', retention: Duration.days(1), kplProducers: false },
    outputs: {},
    alertQueues: {},
    stateTable: table('visits'),
    checkpointTable: table('checkpoints'),
    deadLetters: { queue: queue('rejected'), payloads: Bucket.fromBucketName(stack, 'Payloads', 'payloads') },
    onFailureQueue: queue('discarded'),
    mapping: { batchSize: 100, batchingWindow: Duration.seconds(5) },
    code: noCode,
    ...changes,
  });
}

const env = { account: '111111111111', region: 'eu-central-1' };
const newStack = () => new Stack(newApp(), 'Theirs', { env });

describe('a processor on the resources of another app', () => {
  const stack = newStack();
  onExisting(stack);
  const template = Template.fromStack(stack);

  test('makes no stream, table, queue, bucket or key', () => {
    const types = new Set(Object.values(template.toJSON().Resources).map((r) => (r as { Type: string }).Type));
    expect([...types].sort()).toEqual([
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
    ]);
  });

  test('reads and writes theirs, and uses each key only for what it encrypts', () => {
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements: { Action: unknown; Resource: unknown; Condition?: unknown }[] =
      policy?.Properties.PolicyDocument.Statement;
    expect(statements.find((s) => JSON.stringify(s.Action).includes('kinesis:GetRecords'))?.Resource).toBe(
      arn('kinesis', 'stream/clicks'),
    );
    expect(
      statements.filter((s) => JSON.stringify(s.Action).includes('kms:')).map((s) => [s.Action, s.Resource]),
    ).toEqual([
      ['kms:Decrypt', arn('kms', 'key/stream-key')],
      ['kms:Decrypt', [arn('kms', 'key/checkpoints-key'), arn('kms', 'key/visits-key')]],
    ]);
  });
});

test('a processor in a VPC may attach itself to it', () => {
  const stack = newStack();
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-11111111',
    availabilityZones: ['eu-central-1a'],
    privateSubnetIds: ['subnet-11111111'],
    privateSubnetRouteTableIds: ['rtb-11111111'],
  });
  const securityGroups = [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-11111111')];
  onExisting(stack, { network: { vpc, securityGroups } });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: { SubnetIds: ['subnet-11111111'], SecurityGroupIds: ['sg-11111111'] },
  });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('ec2:CreateNetworkInterface');
});

describe('what cannot work is refused by the construct too', () => {
  test('lanes that mix the keys of KPL aggregates', () => {
    const stack = newStack();
    const { stream } = new EventStream(stack, 'Kpl', { logicalName: 'kpl', capacity: { mode: 'on-demand' } });
    const source = { stream, logicalName: 'kpl', retention: Duration.days(1), kplProducers: true };
    const mapping = { batchSize: 100, batchingWindow: Duration.seconds(1), parallelizationFactor: 2 };
    expect(() => onExisting(stack, { source, mapping })).toThrow(
      'system visits: parallelizationFactor is 2, but stream kpl has KPL producers',
    );
  });

  test('enhanced fan-out for KPL aggregates, which Lambda would take apart under one sequence number', () => {
    const stack = newStack();
    const { stream } = new EventStream(stack, 'Kpl', { logicalName: 'kpl', capacity: { mode: 'on-demand' } });
    const source = { stream, logicalName: 'kpl', retention: Duration.days(1), kplProducers: true };
    const mapping = { batchSize: 100, batchingWindow: Duration.seconds(1), enhancedFanOut: true };
    expect(() => onExisting(stack, { source, mapping })).toThrow(
      'system visits: enhancedFanOut is set, but stream kpl has KPL producers',
    );
  });

  test('a manifest that needs a stream which the props do not give', () => {
    expect(() => onExisting(newStack(), { system: { ...system, outputStreams: ['updates'] } })).toThrow(
      'system visits: its manifest needs outputs.updates, which the props do not give',
    );
  });
});

test('each construct alone brings what it needs, protected', () => {
  const stack = newStack();
  new EventStream(stack, 'Events', { logicalName: 'events', capacity: { mode: 'provisioned', shards: 1 } });
  new StateTable(stack, 'Rows');
  new DeadLetterQueue(stack, 'Rejected');
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::KMS::Key', 3);
  template.allResources('AWS::KMS::Key', { DeletionPolicy: 'Retain' });
  template.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' });
  template.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
  template.resourceCountIs('AWS::S3::Bucket', 2);
});
