import { readdirSync, readFileSync } from 'node:fs';
import { synthesize } from './support/synth.ts';

const LAMBDAS = `${import.meta.dirname}/../../lambdas`;

const templates = synthesize({ stage: 'prod' });

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, unknown>> };
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

function statementsOf(path: string) {
  const policy = templates.one('AWS::IAM::Policy', path);
  return (policy.properties.PolicyDocument.Statement as Statement[]).map((statement) => ({
    actions: list(statement.Action).sort(),
    resources: list(statement.Resource)
      .map((resource) => templates.readable(policy.stack, resource))
      .sort(),
    via: templates.readable(policy.stack, statement.Condition?.StringEquals['kms:ViaService'] ?? ''),
  }));
}

const via = (service: string) => `${service}.<AWS::Region>.<AWS::URLSuffix>`;

describe('the role of profiles', () => {
  const statements = statementsOf('Profiles/Function/Role/DefaultPolicy/Resource');

  test.each([
    {
      what: 'reads the input stream, without enhanced fan-out',
      actions: [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      resources: ['<ShopStream/Stream.Arn>'],
    },
    { what: 'puts effects', actions: ['kinesis:PutRecords'], resources: ['<ProfileUpdatesStream/Stream.Arn>'] },
    {
      what: 'reads and puts rows, and can neither scan nor delete them',
      actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
      resources: ['<ProfilesTable/Table.Arn>'],
    },
    {
      what: 'keeps checkpoints and attempts',
      actions: ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      resources: ['<ProfilesCheckpoints/Table.Arn>'],
    },
    {
      what: 'sends to its queues and cannot receive',
      actions: ['sqs:SendMessage'],
      resources: ['<ProfilesDeadLetters/Queue.Arn>', '<ProfilesOnFailureQueue.Arn>'],
    },
    {
      what: 'puts large payloads under one prefix',
      actions: ['s3:PutObject'],
      resources: ['<ProfilesDeadLetters/Payloads.Arn>/dead-letters/*'],
    },
    {
      what: 'writes its own log group',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: ['<Profiles/Function/Logs.Arn>'],
    },
    { what: 'decrypts what it reads', actions: ['kms:Decrypt'], resources: ['<DataKey.Arn>'], via: via('kinesis') },
    { what: 'encrypts effects', actions: ['kms:GenerateDataKey'], resources: ['<DataKey.Arn>'], via: via('kinesis') },
    { what: 'uses the tables key', actions: ['kms:Decrypt'], resources: ['<DataKey.Arn>'], via: via('dynamodb') },
    {
      what: 'encrypts messages',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['<DataKey.Arn>'],
      via: via('sqs'),
    },
    {
      what: 'encrypts payloads',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['<DataKey.Arn>'],
      via: via('s3'),
    },
    {
      what: 'traces, for which X-Ray has no resources',
      actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      resources: ['*'],
    },
  ])('$what', ({ actions, resources, via: service = '' }) => {
    expect(statements).toContainEqual({ actions, resources, via: service });
  });

  test('allows nothing else', () => expect(statements).toHaveLength(13));

  test('is assumed by Lambda alone and carries no managed policy', () => {
    const { properties } = templates.one('AWS::IAM::Role', 'Profiles/Function/Role/Resource');
    expect(properties.ManagedPolicyArns).toBeUndefined();
    expect(properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
  });
});

test('no role may do a family of actions', () => {
  const actions = templates
    .resources('AWS::IAM::Policy')
    .flatMap(({ properties }) => (properties.PolicyDocument.Statement as Statement[]).flatMap((s) => list(s.Action)));
  expect(actions.length).toBeGreaterThan(10);
  expect(actions.filter((action) => action.includes('*'))).toEqual([]);
});

/** IAM's names of the SDK's commands that the adapters send. Calls to DynamoDB bear the names of its operations. */
const ACTIONS: Readonly<Record<string, string>> = {
  PutRecordsCommand: 'kinesis:PutRecords',
  SendMessageCommand: 'sqs:SendMessage',
  SendMessageBatchCommand: 'sqs:SendMessage',
  PutObjectCommand: 's3:PutObject',
};

/** The adapters' source: what the function sends is written there and nowhere in a template. */
const source = ['aws', 'producer']
  .flatMap((folder) => readdirSync(`${LAMBDAS}/${folder}`).map((file) => `${LAMBDAS}/${folder}/${file}`))
  // Stages that read Avro and Protobuf alone use it: test/infra/binary-events.test.ts.
  .filter((file) => !file.endsWith('/glue-schemas.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

test('the role allows what the adapters send, and of data calls nothing else', () => {
  const sent = [...new Set([...source.matchAll(/new (\w+Command)\b/g)].map(([, command]) => command ?? ''))];
  const toDynamoDb = [...source.matchAll(/\bcall\('(\w+)'/g)].map(([, operation]) => `dynamodb:${operation}`);
  expect(toDynamoDb.length).toBeGreaterThan(3);
  const needed = new Set([
    ...toDynamoDb,
    ...sent.map((command) => ACTIONS[command] ?? `unknown to this test: ${command}`),
  ]);
  const service = /^(dynamodb|sqs|s3|kinesis:Put)/;
  const allowed = statementsOf('Profiles/Function/Role/DefaultPolicy/Resource').flatMap((s) => s.actions);
  expect([...needed].sort()).toEqual([...new Set(allowed.filter((action) => service.test(action)))].sort());
});
