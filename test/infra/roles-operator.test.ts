import { globSync, readFileSync } from 'node:fs';
import { statementsOf } from './support/policy.ts';
import {
  type Case,
  CHECKPOINTS,
  DEAD_LETTERS,
  decisionOf,
  FUNCTION,
  KEY,
  LETTER,
  LOGS,
  MAPPING,
  ON_FAILURE,
  policyOf,
  prod,
  SHOP,
  TABLE,
  through,
  UPDATES,
} from './support/roles.ts';

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
    ['logs:FilterLogEvents', '<Query/Logs.Arn>'],
    ['kinesis:IncreaseStreamRetentionPeriod', SHOP],
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
    ['kinesis:IncreaseStreamRetentionPeriod', UPDATES],
    ['logs:FilterLogEvents', '<Query/AccessLogs.Arn>'],
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
