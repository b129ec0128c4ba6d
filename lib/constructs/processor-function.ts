import { resolve } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  type IFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { alertQueueEnv, ENV, METRIC_NAMESPACE, outputStreamEnv } from '../../lambdas/core/names.ts';
import { acknowledgeProcessorRole, acknowledgeSynchronousFunction } from './acknowledgements.ts';
import { processorStatements, vpcStatement } from './processor-policy.ts';
import type { StreamProcessorProps } from './processor-props.ts';

const PROJECT_ROOT = resolve(import.meta.dirname, '../..');

/** How an entry becomes the code that Lambda runs: one ES module with its SDK, and its source map beside it. */
const BUNDLING = {
  format: OutputFormat.ESM,
  target: 'node24',
  // CDK's default prefers `main`, which is CommonJS in most packages and cannot be tree-shaken.
  mainFields: ['module', 'main'],
  bundleAwsSDK: true,
  minify: true,
  sourceMap: true,
  sourcesContent: false,
};

/** The function of a processor, on arm64 and a pinned runtime, under a role of its own and logging JSON to a group of its own. */
export class ProcessorFunction extends Construct {
  readonly function: IFunction;
  readonly logGroup: ILogGroup;

  constructor(scope: Construct, id: string, props: StreamProcessorProps) {
    super(scope, id);
    const { system, network } = props;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(props.logKey === undefined ? {} : { encryptionKey: props.logKey }),
    });
    this.function = new NodejsFunction(this, 'Resource', {
      description: system.description,
      role: this.role(props),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb ?? 256,
      timeout: props.timeout ?? Duration.seconds(60),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      systemLogLevelV2: SystemLogLevel.WARN,
      logGroup: this.logGroup,
      environment: environment(props),
      ...code(props),
      ...(network === undefined
        ? {}
        : {
            vpc: network.vpc,
            securityGroups: [...network.securityGroups],
            ...(network.subnets === undefined ? {} : { vpcSubnets: network.subnets }),
          }),
    });
    acknowledgeSynchronousFunction(this.function);
  }

  /** CDK's own role would carry managed policies, which allow writing to every log group of the account. */
  private role(props: StreamProcessorProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What system ${props.system.name} may do`,
    });
    const statements = processorStatements({
      input: props.source.stream,
      outputs: Object.values(props.outputs),
      stateTable: props.stateTable,
      checkpointTable: props.checkpointTable,
      queues: [props.deadLetters.queue, props.onFailureQueue, ...Object.values(props.alertQueues)],
      payloads: props.deadLetters.payloads,
      logGroup: this.logGroup,
    });
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    if (props.network !== undefined) role.addToPrincipalPolicy(vpcStatement());
    acknowledgeProcessorRole(role);
    return role;
  }
}

function code({ code: built, system }: StreamProcessorProps) {
  if (built !== undefined) return { code: built, handler: 'index.handler' };
  return {
    entry: `${PROJECT_ROOT}/${system.entry}`,
    projectRoot: PROJECT_ROOT,
    depsLockFilePath: `${PROJECT_ROOT}/package-lock.json`,
    bundling: BUNDLING,
  };
}

function environment(props: StreamProcessorProps): Record<string, string> {
  return {
    NODE_OPTIONS: '--enable-source-maps',
    [ENV.metricNamespace]: props.metricNamespace ?? METRIC_NAMESPACE,
    [ENV.inputStream]: props.source.logicalName,
    [ENV.retentionHours]: String(props.source.retention.toHours()),
    [ENV.kplProducers]: String(props.source.kplProducers),
    [ENV.replayMode]: String(props.replayMode ?? false),
    [ENV.stateTable]: props.stateTable.tableName,
    [ENV.checkpointTable]: props.checkpointTable.tableName,
    [ENV.deadLetterQueueUrl]: props.deadLetters.queue.queueUrl,
    [ENV.deadLetterBucket]: props.deadLetters.payloads.bucketName,
    ...variables(props.outputs, outputStreamEnv, (stream) => stream.streamName),
    ...variables(props.alertQueues, alertQueueEnv, (queue) => queue.queueUrl),
  };
}

function variables<T>(
  resources: Readonly<Record<string, T>>,
  nameOf: (logicalName: string) => string,
  valueIn: (resource: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(resources).map(([name, resource]) => [nameOf(name), valueIn(resource)]));
}
