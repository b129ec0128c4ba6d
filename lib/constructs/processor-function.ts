import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
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
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { alertQueueEnv, ENV, outputStreamEnv } from '../../lambdas/core/names.ts';
import { given } from '../given.ts';
import { processorStatements } from './processor-policy.ts';
import type { StreamProcessorProps } from './stream-processor.ts';

/** Some dependencies are CommonJS and call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

const PROJECT_ROOT = `${import.meta.dirname}/../..`;

/** The function of a processor: an ES module bundle with its SDK, on arm64 and a pinned runtime, logging JSON to a group of its own. */
export class ProcessorFunction extends Construct {
  readonly function: IFunction;
  readonly logGroup: ILogGroup;

  constructor(scope: Construct, id: string, props: StreamProcessorProps & { readonly role: Role }) {
    super(scope, id);
    const { role, system } = props;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...given<{ encryptionKey: NonNullable<typeof props.logKey> }>({ encryptionKey: props.logKey }),
    });
    for (const statement of processorStatements({
      input: props.source.stream,
      outputs: Object.values(props.outputs),
      stateTable: props.stateTable,
      checkpointTable: props.checkpointTable,
      queues: [props.deadLetters.queue, props.onFailureQueue, ...Object.values(props.alertQueues)],
      payloads: props.deadLetters.payloads,
      logGroup: this.logGroup,
    })) {
      role.addToPrincipalPolicy(statement);
    }
    this.function = new NodejsFunction(this, 'Resource', {
      description: system.description,
      role,
      entry: `${PROJECT_ROOT}/${system.entry}`,
      projectRoot: PROJECT_ROOT,
      depsLockFilePath: `${PROJECT_ROOT}/package-lock.json`,
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
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        // CDK's default prefers `main`, which is CommonJS in most packages and cannot be tree-shaken.
        mainFields: ['module', 'main'],
        bundleAwsSDK: true,
        minify: true,
        sourceMap: true,
        sourcesContent: false,
        banner: REQUIRE,
      },
      ...(props.code === undefined ? {} : { code: props.code, handler: 'index.handler' }),
    });
  }
}

function environment(props: StreamProcessorProps): Record<string, string> {
  const byName = <T>(
    resources: Readonly<Record<string, T>>,
    variable: (name: string) => string,
    value: (of: T) => string,
  ) => Object.fromEntries(Object.entries(resources).map(([name, of]) => [variable(name), value(of)]));
  return {
    NODE_OPTIONS: '--enable-source-maps',
    [ENV.inputStream]: props.source.logicalName,
    [ENV.retentionHours]: String(props.source.retention.toHours()),
    [ENV.kplProducers]: String(props.source.kplProducers),
    [ENV.stateTable]: props.stateTable.tableName,
    [ENV.checkpointTable]: props.checkpointTable.tableName,
    [ENV.deadLetterQueueUrl]: props.deadLetters.queue.queueUrl,
    [ENV.deadLetterBucket]: props.deadLetters.payloads.bucketName,
    ...byName(props.outputs, outputStreamEnv, (stream) => stream.streamName),
    ...byName(props.alertQueues, alertQueueEnv, (queue) => queue.queueUrl),
  };
}
