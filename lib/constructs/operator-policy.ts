import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEAD_LETTER_PREFIX } from '../../lambdas/core/names.ts';
import { acknowledgeOperator } from './acknowledgements.ts';
import { allow, useKeys } from './processor-policy.ts';
import type { StreamProcessor } from './stream-processor.ts';

export interface OperatorPolicyProps {
  readonly processor: StreamProcessor;
  readonly outputs: readonly IStream[];
  readonly alertQueues: readonly IQueue[];
  readonly stateTable: ITable;
  readonly checkpointTable: ITable;
  readonly deadLetters: { readonly queue: IQueue; readonly payloads: IBucket };
  readonly onFailureQueue: IQueue;
  /** Of the REST API's function, which answers from the system's rows. */
  readonly apiLogs?: ILogGroup;
  /** Names of the stacks whose outputs tools read. */
  readonly stackNames: readonly string[];
}

/**
 * What somebody on call needs for one system: see how it is doing, read its logs, trace an event, pause and resume its mapping, keep its stream's records for longer, and redrive what waits
 * in its queues. It reads rows and payloads with personal data and can put events, so it is for people who are trusted with both; it can neither
 * change nor delete a row, a stream, a function or a policy.
 */
export class OperatorPolicy extends ManagedPolicy {
  constructor(scope: Construct, id: string, props: OperatorPolicyProps) {
    const { processor } = props;
    super(scope, id, {
      description: `Operate ${processor.systemName}: status, logs, trace, pause and resume, retention, redrive`,
      statements: [...look(scope, props), ...pause(processor), retain(processor), ...redrive(props), ...keys(props)],
    });
    acknowledgeOperator(this);
  }
}

function look(scope: Construct, props: OperatorPolicyProps): PolicyStatement[] {
  const { processor, outputs, checkpointTable, stackNames, apiLogs } = props;
  const stack = (name: string) =>
    Stack.of(scope).formatArn({ service: 'cloudformation', resource: 'stack', resourceName: `${name}/*` });
  const alarms = Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return [
    allow('FindResources', ['cloudformation:DescribeStacks'], stackNames.map(stack)),
    allow('ReadMetrics', ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'], ['*']),
    allow('ReadAlarms', ['cloudwatch:DescribeAlarms'], [alarms]),
    allow(
      'ReadLogs',
      ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery'],
      [processor.logGroup, ...(apiLogs === undefined ? [] : [apiLogs])].map(({ logGroupArn }) => logGroupArn),
    ),
    // An answer belongs to a query, and has no resource.
    allow('ReadLogAnswers', ['logs:GetQueryResults', 'logs:StopQuery'], ['*']),
    allow('ReadProgress', ['dynamodb:Scan'], [checkpointTable.tableArn]),
    allow(
      'SeeStreams',
      ['kinesis:DescribeStreamSummary'],
      [processor.source.stream, ...outputs].map(({ streamArn }) => streamArn),
    ),
  ];
}

/** The condition keeps a mapping on its function: an update could otherwise point it at another one. */
const pause = ({ mappingArn, function: { functionArn } }: StreamProcessor): PolicyStatement[] => [
  allow('SeeMapping', ['lambda:GetEventSourceMapping'], [mappingArn]),
  new PolicyStatement({
    sid: 'PauseAndResume',
    actions: ['lambda:UpdateEventSourceMapping'],
    resources: [mappingArn],
    conditions: { StringEquals: { 'lambda:FunctionArn': functionArn } },
  }),
];

/** Longer only: to shorten it would lose records, and is a deployment's business. */
const retain = ({ source }: StreamProcessor): PolicyStatement =>
  allow('KeepRecordsLonger', ['kinesis:IncreaseStreamRetentionPeriod'], [source.stream.streamArn]);

function redrive(props: OperatorPolicyProps): PolicyStatement[] {
  const { processor, outputs, alertQueues, stateTable, checkpointTable, deadLetters, onFailureQueue } = props;
  const streams = [processor.source.stream, ...outputs].map(({ streamArn }) => streamArn);
  return [
    allow(
      'TakeMessages',
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      [deadLetters.queue.queueArn, onFailureQueue.queueArn],
    ),
    allow(
      'LargePayloads',
      ['s3:GetObject', 's3:PutObject'],
      [deadLetters.payloads.arnForObjects(`${DEAD_LETTER_PREFIX}*`)],
    ),
    allow('ReadStreams', ['kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'], streams),
    allow('PutEventsAndEffects', ['kinesis:PutRecord', 'kinesis:PutRecords'], streams),
    allow(
      'RejectAndAlert',
      ['sqs:SendMessage'],
      [deadLetters.queue, ...alertQueues].map((queue) => queue.queueArn),
    ),
    allow('ReadRows', ['dynamodb:BatchGetItem', 'dynamodb:GetItem'], [stateTable.tableArn]),
    allow(
      'KeepMarks',
      ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      [checkpointTable.tableArn],
    ),
  ];
}

function keys(props: OperatorPolicyProps): PolicyStatement[] {
  const { processor, outputs, alertQueues, stateTable, checkpointTable, deadLetters, onFailureQueue } = props;
  const streams = [processor.source.stream, ...outputs];
  const queues = [deadLetters.queue, onFailureQueue, ...alertQueues];
  return [
    useKeys(
      'kinesis',
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      streams.map(({ encryptionKey }) => encryptionKey),
    ),
    useKeys('dynamodb', ['kms:Decrypt'], [stateTable.encryptionKey, checkpointTable.encryptionKey]),
    useKeys(
      'sqs',
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      queues.map(({ encryptionMasterKey }) => encryptionMasterKey),
    ),
    useKeys('s3', ['kms:Decrypt', 'kms:GenerateDataKey'], [deadLetters.payloads.encryptionKey]),
  ].flat();
}
