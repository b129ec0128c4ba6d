import { globSync, readFileSync } from 'node:fs';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { profileSchema } from '../../lambdas/systems/profiles/view.ts';
import { decide, type Request, statementsOf } from './support/policy.ts';
import { synthesize } from './support/synth.ts';
import type { Templates } from './support/templates.ts';

const prod = synthesize({ stage: 'prod' });
const open = synthesize({ stage: 'prod', analystsReadPersonalData: 'true' });

const policyOf = (templates: Templates, name: string) => templates.one('AWS::IAM::ManagedPolicy', `${name}/Resource`);

const decisionOf = (name: string, request: Request, templates = prod) =>
  decide(statementsOf(templates, policyOf(templates, name)), request);

const SHOP = '<ShopStream/Stream.Arn>';
const UPDATES = '<ProfileUpdatesStream/Stream.Arn>';
const TABLE = '<ProfilesTable/Table.Arn>';
const INDEX = `${TABLE}/index/bySegment`;
const CHECKPOINTS = '<ProfilesCheckpoints/Table.Arn>';
const DEAD_LETTERS = '<ProfilesDeadLetters/Queue.Arn>';
const ON_FAILURE = '<ProfilesOnFailureQueue.Arn>';
const LETTER = '<ProfilesDeadLetters/Payloads.Arn>/dead-letters/2026/x';
const MAPPING = '<Profiles/Mapping.EventSourceMappingArn>';
const FUNCTION = '<Profiles/Function/Resource.Arn>';
const LOGS = '<Profiles/Function/Logs.Arn>';
const KEY = '<DataKey.Arn>';

const through = (service: string) => ({ 'kms:ViaService': `${service}.<AWS::Region>.<AWS::URLSuffix>` });

type Case = [action: string, resource: string, context?: Request['context']];

describe('a producer of stream shop', () => {
  test.each<Case>([
    ['kinesis:PutRecords', SHOP],
    ['kinesis:PutRecord', SHOP],
    ['kms:GenerateDataKey', KEY, through('kinesis')],
  ])('may %s on %s', (action, resource, context = {}) => {
    expect(decisionOf('ShopProducer', { action, resource, context })).toBe('allowed');
  });

  test.each<Case>([
    ['kinesis:PutRecords', UPDATES],
    ['kinesis:GetRecords', SHOP],
    ['kinesis:GetShardIterator', SHOP],
    ['kinesis:SplitShard', SHOP],
    ['kinesis:DeleteStream', SHOP],
    ['kms:GenerateDataKey', KEY],
    ['kms:GenerateDataKey', KEY, through('dynamodb')],
    ['kms:Decrypt', KEY, through('kinesis')],
    ['dynamodb:GetItem', TABLE],
    ['dynamodb:PutItem', TABLE],
    ['sqs:ReceiveMessage', DEAD_LETTERS],
  ])('may not %s on %s %j', (action, resource, context = {}) => {
    expect(decisionOf('ShopProducer', { action, resource, context })).toBe('denied');
  });

  test('there is none for a stream that systems write', () => {
    const made = prod.resources('AWS::IAM::ManagedPolicy').map(({ path }) => path.split('/')[1]);
    expect(made.sort()).toEqual(['ProfilesAnalyst', 'ProfilesOperator', 'ShopProducer']);
  });
});

/** A read that names the attributes that it wants. */
const naming = (...attributes: string[]) => ({
  'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
  'dynamodb:Attributes': attributes,
});

describe('an analyst of profiles', () => {
  test.each<Case>([
    ['dynamodb:GetItem', TABLE, naming('id', 'totalSpend', 'segment')],
    ['dynamodb:PartiQLSelect', TABLE, { ...naming('id', 'orders'), 'dynamodb:FullTableScan': 'false' }],
    ['dynamodb:Query', INDEX, naming('segmentShard', 'segmentSince', 'segment')],
    ['dynamodb:PartiQLSelect', INDEX, { ...naming('segmentShard', 'segment'), 'dynamodb:FullTableScan': 'false' }],
    ['kms:Decrypt', KEY, through('dynamodb')],
  ])('may %s on %s %j', (action, resource, context = {}) =>
    expect(decisionOf('ProfilesAnalyst', { action, resource, context })).toBe('allowed'),
  );

  test.each<Case>([
    ['dynamodb:GetItem', TABLE, naming('id', '_pos')],
    ['dynamodb:GetItem', TABLE, naming('id', '_out')],
    ['dynamodb:GetItem', TABLE, naming('id', 'cart')],
    ['dynamodb:GetItem', TABLE, naming('id', 'recentProducts')],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Select': 'ALL_ATTRIBUTES' }],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Select': 'ALL_ATTRIBUTES', 'dynamodb:Attributes': ['id'] }],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Attributes': ['id', 'segment'] }],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' }],
    ['dynamodb:GetItem', TABLE],
    ['dynamodb:PartiQLSelect', TABLE, naming('id', '_ids')],
    ['dynamodb:Query', TABLE, naming('id', 'segment')],
    ['dynamodb:Query', INDEX, naming('segmentShard', 'segment', 'id')],
    [
      'dynamodb:Query',
      INDEX,
      { 'dynamodb:Select': 'ALL_PROJECTED_ATTRIBUTES', 'dynamodb:Attributes': ['segmentShard'] },
    ],
    ['dynamodb:Query', `${TABLE}/index/another`, naming('segmentShard')],
    ['dynamodb:Scan', TABLE, naming('id', 'segment')],
    ['dynamodb:Scan', INDEX, naming('segment')],
    ['dynamodb:BatchGetItem', TABLE, naming('id', 'segment')],
    ['dynamodb:PutItem', TABLE, naming('id', 'segment')],
    ['dynamodb:UpdateItem', TABLE, naming('id', 'segment')],
    ['dynamodb:DeleteItem', TABLE, naming('id')],
    ['dynamodb:PartiQLUpdate', TABLE, naming('id', 'segment')],
    ['dynamodb:ExportTableToPointInTime', TABLE],
    ['dynamodb:GetItem', CHECKPOINTS, naming('id')],
    ['kinesis:GetRecords', SHOP],
    ['sqs:ReceiveMessage', DEAD_LETTERS],
    ['kms:Decrypt', KEY, through('kinesis')],
  ])('may not %s on %s %j', (action, resource, context = {}) => {
    expect(decisionOf('ProfilesAnalyst', { action, resource, context })).toBe('denied');
  });

  test.each([TABLE, INDEX])('is refused a full scan of %s by PartiQL, whatever else allows it', (resource) => {
    const context = { ...naming('segment'), 'dynamodb:FullTableScan': 'true' };
    const request = { action: 'dynamodb:PartiQLSelect', resource, context };
    expect(decisionOf('ProfilesAnalyst', request)).toBe('explicitly denied');
  });

  describe('where a setting allows personal data', () => {
    test.each<Case>([
      ['dynamodb:GetItem', TABLE, naming('id', 'cart', 'recentProducts')],
      ['dynamodb:Query', INDEX, naming('segmentShard', 'segment', 'id')],
    ])('may %s on %s %j', (action, resource, context = {}) => {
      expect(decisionOf('ProfilesAnalyst', { action, resource, context }, open)).toBe('allowed');
    });

    test.each<Case>([
      ['dynamodb:GetItem', TABLE, naming('id', '_out')],
      ['dynamodb:Query', INDEX, naming('segmentShard', '_v')],
      ['dynamodb:Scan', TABLE, naming('id')],
    ])('still may not %s on %s %j', (action, resource, context = {}) => {
      expect(decisionOf('ProfilesAnalyst', { action, resource, context }, open)).toBe('denied');
    });
  });

  test('the manifest says of every attribute of a row whether it is personal', () => {
    const shown = profileSchema.options.flatMap((option) => Object.keys(option.shape));
    const { attributes = [], personal = [] } = profiles.analysts ?? {};
    const indexed = profiles.indexes.flatMap((index) => [index.partitionKey, index.sortKey.name]);
    expect([...attributes, ...personal].sort()).toEqual([...new Set([...shown, ...indexed])].sort());
  });
});

describe('an operator of profiles', () => {
  const own = { 'lambda:FunctionArn': FUNCTION };

  test.each<Case>([
    ['sqs:ReceiveMessage', DEAD_LETTERS],
    ['sqs:DeleteMessage', DEAD_LETTERS],
    ['sqs:ChangeMessageVisibility', DEAD_LETTERS],
    ['sqs:GetQueueAttributes', ON_FAILURE],
    ['sqs:ReceiveMessage', ON_FAILURE],
    ['s3:GetObject', LETTER],
    // What turns up in a discarded batch and can never be applied is rejected as the processor does it.
    ['s3:PutObject', LETTER],
    ['sqs:SendMessage', DEAD_LETTERS],
    ['kinesis:PutRecords', SHOP],
    ['kinesis:PutRecords', UPDATES],
    ['kinesis:GetRecords', SHOP],
    ['kinesis:GetRecords', UPDATES],
    ['kinesis:ListShards', SHOP],
    ['kinesis:DescribeStreamSummary', SHOP],
    ['kinesis:DescribeStreamSummary', UPDATES],
    ['dynamodb:GetItem', TABLE],
    ['dynamodb:PutItem', CHECKPOINTS],
    ['dynamodb:Scan', CHECKPOINTS],
    ['lambda:GetEventSourceMapping', MAPPING],
    ['lambda:UpdateEventSourceMapping', MAPPING, own],
    ['cloudwatch:GetMetricData', '*'],
    ['cloudwatch:DescribeAlarms', 'arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:any'],
    ['logs:FilterLogEvents', LOGS],
    ['logs:StartQuery', LOGS],
    ['logs:GetQueryResults', '*'],
    ...['Stateful', 'Stateless'].map(
      (stack): Case => [
        'cloudformation:DescribeStacks',
        `arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/Millrace-prod-${stack}/0b1c`,
      ],
    ),
    ...['kinesis', 'dynamodb', 'sqs', 's3'].map((service): Case => ['kms:Decrypt', KEY, through(service)]),
    ['kms:GenerateDataKey', KEY, through('kinesis')],
  ])('may %s on %s %j', (action, resource, context = {}) =>
    expect(decisionOf('ProfilesOperator', { action, resource, context })).toBe('allowed'),
  );

  test.each<Case>([
    ['dynamodb:PutItem', TABLE],
    ['dynamodb:UpdateItem', TABLE],
    ['dynamodb:DeleteItem', TABLE],
    ['dynamodb:Scan', TABLE],
    ['dynamodb:DeleteTable', TABLE],
    ['lambda:UpdateEventSourceMapping', MAPPING, { 'lambda:FunctionArn': '<Query/Function.Arn>' }],
    ['lambda:UpdateEventSourceMapping', MAPPING],
    ['lambda:DeleteEventSourceMapping', MAPPING, own],
    ['lambda:UpdateFunctionCode', FUNCTION],
    ['lambda:GetFunction', FUNCTION],
    ['lambda:InvokeFunction', FUNCTION],
    ['sqs:SendMessage', ON_FAILURE],
    ['sqs:PurgeQueue', DEAD_LETTERS],
    ['s3:DeleteObject', LETTER],
    ['s3:PutObject', '<ProfilesDeadLetters/Payloads.Arn>/elsewhere'],
    ['s3:GetObject', '<ProfilesDeadLetters/Payloads.Arn>/elsewhere'],
    ['kinesis:DeleteStream', SHOP],
    ['kinesis:DecreaseStreamRetentionPeriod', SHOP],
    ['kinesis:MergeShards', UPDATES],
    ['kms:Decrypt', KEY],
    ['kms:ScheduleKeyDeletion', KEY],
    ['kms:PutKeyPolicy', KEY],
    ['iam:PassRole', '<Profiles/Function/Role.Arn>'],
    ['logs:FilterLogEvents', '<Query/Logs.Arn>'],
    ['logs:DeleteLogGroup', LOGS],
    ['cloudwatch:DisableAlarmActions', 'arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:any'],
    [
      'cloudformation:UpdateStack',
      'arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/Millrace-prod-Stateless/0b1c',
    ],
    [
      'cloudformation:DescribeStacks',
      'arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/Another/0b1c',
    ],
  ])('may not %s on %s %j', (action, resource, context = {}) => {
    expect(decisionOf('ProfilesOperator', { action, resource, context })).toBe('denied');
  });
});

/** IAM's names of the calls that the commands for on-call send, where they are called otherwise. */
const ACTIONS: Readonly<Record<string, string>> = {
  ScanCommand: 'dynamodb:Scan',
  GetCommand: 'dynamodb:GetItem',
  PutCommand: 'dynamodb:PutItem',
  DeleteCommand: 'dynamodb:DeleteItem',
  SendMessageBatchCommand: 'sqs:SendMessage',
  DeleteMessageBatchCommand: 'sqs:DeleteMessage',
  ChangeMessageVisibilityBatchCommand: 'sqs:ChangeMessageVisibility',
  ReceiveMessageCommand: 'sqs:ReceiveMessage',
  GetQueueAttributesCommand: 'sqs:GetQueueAttributes',
  GetObjectCommand: 's3:GetObject',
  PutObjectCommand: 's3:PutObject',
  GetRecordsCommand: 'kinesis:GetRecords',
  GetShardIteratorCommand: 'kinesis:GetShardIterator',
  ListShardsCommand: 'kinesis:ListShards',
  DescribeStreamSummaryCommand: 'kinesis:DescribeStreamSummary',
  GetEventSourceMappingCommand: 'lambda:GetEventSourceMapping',
  UpdateEventSourceMappingCommand: 'lambda:UpdateEventSourceMapping',
  GetMetricDataCommand: 'cloudwatch:GetMetricData',
  DescribeAlarmsCommand: 'cloudwatch:DescribeAlarms',
  DescribeStacksCommand: 'cloudformation:DescribeStacks',
};

test('an operator may call what status, pause, resume, redrive and trace call', () => {
  const files = globSync(`${import.meta.dirname}/../../local/cli/{status,mapping,redrive,trace}/**/*.ts`);
  const source = [...files, `${import.meta.dirname}/../../local/cli/stage-output.ts`]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const sent = [...new Set([...source.matchAll(/new (\w+Command)\(/g)].map(([, command]) => command ?? ''))];
  expect(sent.length).toBeGreaterThan(10);
  const allowed = statementsOf(prod, policyOf(prod, 'ProfilesOperator')).flatMap(({ actions }) => actions);
  const needed = sent.map((command) => ACTIONS[command] ?? `unknown to this test: ${command}`);
  expect(needed.filter((action) => !allowed.includes(action))).toEqual([]);
});

describe('policies', () => {
  /** IAM's quota for a managed policy, without blanks; an ARN is about 100 characters, where readable text has a name. */
  const MOST_CHARACTERS = 6_144;

  test.each(prod.resources('AWS::IAM::ManagedPolicy').map((policy) => [policy.path, policy] as const))(
    '%s fits what IAM takes, and names no family of actions',
    (_, policy) => {
      const statements = statementsOf(prod, policy);
      const references = statements.flatMap(({ resources }) => resources).length;
      const conditions = JSON.stringify(statements.map((s) => s.conditions)).length;
      const actions = statements.flatMap((s) => s.actions);
      const size = actions.join('","').length + conditions + references * 110 + statements.length * 80;
      expect(size).toBeLessThan(MOST_CHARACTERS);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    },
  );

  test('are attached to nobody, and their ARNs are outputs', () => {
    for (const { properties } of prod.resources('AWS::IAM::ManagedPolicy')) {
      expect([properties.Roles, properties.Users, properties.Groups]).toEqual([undefined, undefined, undefined]);
    }
    expect(Object.keys(prod.stateless.Outputs ?? {})).toEqual(
      expect.arrayContaining(['ShopProducerPolicyArn', 'ProfilesAnalystPolicyArn', 'ProfilesOperatorPolicyArn']),
    );
  });
});
