import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { CloudEvent } from '../../lambdas/core/event.ts';
import { ENV, outputStreamEnv } from '../../lambdas/core/names.ts';
import { createProducer } from '../../lambdas/producer/index.ts';
import {
  pascal,
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../lib/stacks/outputs.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../local/cli/local-state.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { REGION } from '../../local/emulators/emulators.ts';
import { writeAssembly } from './assembly.ts';
import { bundle } from './bundle.ts';
import { counterStreams, counterSystems } from './counters.ts';

/** The counters, deployed: real functions behind real mappings, found by commands as stage `local`. */
export interface CountersCloud extends AsyncDisposable {
  readonly cloud: Cloud;
  /** Of the stateful stack. */
  output(key: string): string;
  /** Puts events into the stream `in`, and waits until they are there. */
  produce(events: readonly object[]): Promise<void>;
  /** Ids that a system has folded, by key. */
  folded(system: string): Promise<ReadonlyMap<string, readonly string[]>>;
  /** From now on commands find other endpoints, such as ones that are not there; without any the real ones. */
  publish(endpoints?: Partial<Cloud['endpoints']>): void;
}

const HANDLER = `
import { createHandler } from './lambdas/aws/handler.ts';
import { testCatalogue } from './test/support/counter.ts';
import { counters } from './test/support/counters.ts';
export const handler = createHandler(counters.find(({ name }) => name === process.env.COUNTER), testCatalogue);
`;

type Resources = Record<string, object>;

const value = (id: string, attribute?: string): object =>
  attribute === undefined ? { Ref: id } : { 'Fn::GetAtt': [id, attribute] };
const imported = (id: string): object => ({ 'Fn::ImportValue': id });

const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  },
};

function statefulTemplate(): object {
  const Resources: Resources = {};
  const Outputs: Record<string, { Value: object; Export?: { Name: string } }> = {};
  const add = (id: string, resource: object, outputKey: string): void => {
    Resources[id] = resource;
    Outputs[outputKey] = { Value: value(id), Export: { Name: id } };
    Outputs[`${id}Arn`] = { Value: value(id, 'Arn'), Export: { Name: `${id}Arn` } };
  };
  for (const { name } of counterStreams) {
    const stream = { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } };
    add(`${pascal(name)}Stream`, stream, STATEFUL_OUTPUTS.streamName(name));
  }
  for (const { name } of counterSystems) {
    const id = pascal(name);
    add(`${id}Table`, TABLE, STATEFUL_OUTPUTS.tableName(name));
    add(`${id}Checkpoints`, TABLE, STATEFUL_OUTPUTS.checkpointTableName(name));
    add(`${id}Letters`, { Type: 'AWS::SQS::Queue' }, STATEFUL_OUTPUTS.deadLetterQueueUrl(name));
    add(`${id}Payloads`, { Type: 'AWS::S3::Bucket' }, STATEFUL_OUTPUTS.deadLetterBucketName(name));
    add(`${id}OnFailure`, { Type: 'AWS::SQS::Queue' }, STATEFUL_OUTPUTS.onFailureQueueUrl(name));
  }
  return { Resources, Outputs };
}

function statelessTemplate(): object {
  const Resources: Resources = {};
  const Outputs: Record<string, { Value: object }> = {};
  for (const { name, inputStream, outputStreams } of counterSystems) {
    const id = pascal(name);
    const Variables = {
      COUNTER: name,
      [ENV.metricNamespace]: 'Test',
      [ENV.inputStream]: inputStream,
      [ENV.retentionHours]: '24',
      [ENV.stateTable]: imported(`${id}Table`),
      [ENV.checkpointTable]: imported(`${id}Checkpoints`),
      [ENV.deadLetterQueueUrl]: imported(`${id}Letters`),
      [ENV.deadLetterBucket]: imported(`${id}Payloads`),
      ...Object.fromEntries(outputStreams.map((to) => [outputStreamEnv(to), imported(`${pascal(to)}Stream`)])),
    };
    Resources[`${id}Logs`] = { Type: 'AWS::Logs::LogGroup' };
    Resources[`${id}Function`] = {
      Type: 'AWS::Lambda::Function',
      Properties: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Fn::Sub writes placeholders in plain text.
        Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'code' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Timeout: 4,
        MemorySize: 256,
        LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN', LogGroup: value(`${id}Logs`) },
        Environment: { Variables },
      },
    };
    Resources[`${id}Mapping`] = {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: imported(`${pascal(inputStream)}StreamArn`),
        FunctionName: value(`${id}Function`),
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 200,
        MaximumRetryAttempts: 0,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: imported(`${id}OnFailureArn`) } },
      },
    };
    Outputs[STATELESS_OUTPUTS.functionName(name)] = { Value: value(`${id}Function`) };
    Outputs[STATELESS_OUTPUTS.logGroupName(name)] = { Value: value(`${id}Logs`) };
    Outputs[STATELESS_OUTPUTS.mappingId(name)] = { Value: value(`${id}Mapping`) };
  }
  return { Resources, Outputs };
}

/** Functions give up after four seconds, and Lambda at once: what cannot be applied by then is discarded. */
export async function startCounters(): Promise<CountersCloud> {
  const code = await bundle(HANDLER);
  const [stateful, stateless] = [statefulStackName('local'), statelessStackName('local')];
  const assembly = writeAssembly(
    {
      [stateful]: { template: statefulTemplate() },
      [stateless]: { template: statelessTemplate(), dependencies: [stateful] },
    },
    { code: code.directory },
  );
  const cloud = await startCloud({
    assemblyDir: assembly.directory,
    environmentsPerFunction: 1,
    engine: { pollIntervalMs: 200 },
  });
  const directory = mkdtempSync(join(tmpdir(), 'millrace-counters-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  const stacks = Object.fromEntries([...cloud.stacks].map(([name, { outputs }]) => [name, outputs]));
  let published: Disposable | undefined;
  const publish = (endpoints: Partial<Cloud['endpoints']> = {}): void => {
    published?.[Symbol.dispose]();
    published = publishLocalState({
      pid: process.pid,
      region: REGION,
      endpoints: { ...cloud.endpoints, ...endpoints },
      stacks,
    });
  };
  publish();
  const output = (key: string): string => cloud.output(stateful, key);
  return {
    cloud,
    publish,
    output,
    produce: async (events) => {
      const { kinesis: client } = cloud.clients;
      const stream = output(STATEFUL_OUTPUTS.streamName('in'));
      await using producer = createProducer({ stream, source: 'urn:test', client, lingerMs: 5 });
      for (const event of events) await producer.sendEvent(event as CloudEvent);
    },
    folded: async (system) => {
      const TableName = output(STATEFUL_OUTPUTS.tableName(system));
      const { Items = [] } = await cloud.clients.documents.send(new ScanCommand({ TableName }));
      return new Map(Items.map(({ id, folded }) => [String(id), folded as string[]]));
    },
    [Symbol.asyncDispose]: async () => {
      published?.[Symbol.dispose]();
      delete process.env[LOCAL_STATE_ENV];
      await cloud.stop();
      rmSync(directory, { recursive: true });
      assembly[Symbol.dispose]();
      code[Symbol.dispose]();
    },
  };
}
