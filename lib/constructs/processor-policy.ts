import { Aws, Fn } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { DEAD_LETTER_PREFIX } from '../../lambdas/core/names.ts';

/** Everything that a processor touches. */
export interface ProcessorResources {
  readonly input: IStream;
  /** ARN of the enhanced fan-out consumer by which it reads; absent if it polls the stream. */
  readonly consumerArn: string | undefined;
  readonly outputs: readonly IStream[];
  readonly stateTable: ITable;
  readonly checkpointTable: ITable;
  /** Dead letters, alerts and what Lambda discards: the function's role sends to all of them. */
  readonly queues: readonly IQueue[];
  readonly payloads: IBucket;
  readonly logGroup: ILogGroup;
  /** Registry that it reads schemas of; absent if all records are JSON. */
  readonly schemaRegistry?: { readonly registryName: string } | undefined;
}

/** Exactly the calls that the function, and the event source mapping in its name, make: nothing reads a queue, scans or deletes a row. */
export function processorStatements(to: ProcessorResources): PolicyStatement[] {
  return [
    allow(
      'ReadInputStream',
      [
        'kinesis:DescribeStream',
        'kinesis:DescribeStreamSummary',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      [to.input.streamArn],
    ),
    ...(to.consumerArn === undefined ? [] : [allow('Subscribe', ['kinesis:SubscribeToShard'], [to.consumerArn])]),
    ...(to.outputs.length === 0
      ? []
      : [
          allow(
            'SendEffects',
            ['kinesis:PutRecords'],
            to.outputs.map((stream) => stream.streamArn),
          ),
        ]),
    allow('FoldState', ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], [to.stateTable.tableArn]),
    allow(
      'KeepCheckpoints',
      ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      [to.checkpointTable.tableArn],
    ),
    allow(
      'SendToQueues',
      ['sqs:SendMessage'],
      to.queues.map((queue) => queue.queueArn),
    ),
    allow('KeepLargePayloads', ['s3:PutObject'], [to.payloads.arnForObjects(`${DEAD_LETTER_PREFIX}*`)]),
    allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [to.logGroup.logGroupArn]),
    ...(to.schemaRegistry === undefined ? [] : [readSchemas(to.schemaRegistry.registryName)]),
    ...keyStatements(to),
  ];
}

/** Of the stage's registry alone: a record cannot name a schema that somebody else wrote elsewhere. */
const readSchemas = (registry: string): PolicyStatement =>
  allow(
    'ReadSchemas',
    ['glue:GetSchemaVersion'],
    [`registry/${registry}`, schemasOf(registry)].map((resource) =>
      Fn.join(':', ['arn', Aws.PARTITION, 'glue', Aws.REGION, Aws.ACCOUNT_ID, resource]),
    ),
  );

/** End of the ARNs of a registry's schemas. */
export const schemasOf = (registry: string): string => `schema/${registry}/*`;

/** What a function in a VPC needs besides. EC2 has no resource-level permissions for the calls that describe. */
export function vpcStatement(): PolicyStatement {
  return allow(
    'AttachToVpc',
    [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    ['*'],
  );
}

const DECRYPT = 'kms:Decrypt';
const GENERATE = 'kms:GenerateDataKey';

/** The keys are usable only through the service that stores the data, never directly. */
function keyStatements(to: ProcessorResources): PolicyStatement[] {
  return [
    useKeys('kinesis', [DECRYPT], [to.input.encryptionKey]),
    useKeys(
      'kinesis',
      [GENERATE],
      to.outputs.map((stream) => stream.encryptionKey),
    ),
    useKeys('dynamodb', [DECRYPT], [to.stateTable.encryptionKey, to.checkpointTable.encryptionKey]),
    useKeys(
      'sqs',
      [DECRYPT, GENERATE],
      to.queues.map((queue) => queue.encryptionMasterKey),
    ),
    useKeys('s3', [DECRYPT, GENERATE], [to.payloads.encryptionKey]),
  ].flat();
}

/** Use of keys through one service. Resources with keys of AWS's own need no permission. */
export function useKeys(service: string, actions: string[], keys: readonly (IKey | undefined)[]): PolicyStatement[] {
  const arns = [...new Set(keys.flatMap((key) => (key === undefined ? [] : [key.keyArn])))];
  if (arns.length === 0) return [];
  return [new PolicyStatement({ actions, resources: arns, conditions: throughService(service) })];
}

/** A key is used only by the service, in its caller's name. */
export const throughService = (service: string) => ({
  StringEquals: { 'kms:ViaService': Fn.join('.', [service, Aws.REGION, Aws.URL_SUFFIX]) },
});

export function allow(sid: string, actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions, resources });
}
