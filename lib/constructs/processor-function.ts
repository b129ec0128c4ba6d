import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { alertQueueEnv, ENV, METRIC_NAMESPACE, outputStreamEnv } from '../../lambdas/core/names.ts';
import { acknowledgeProcessorRole, acknowledgeSynchronousFunction } from './acknowledgements.ts';
import { bundledFunction, logGroup } from './bundled-function.ts';
import { processorStatements, schemasOf, vpcStatement } from './processor-policy.ts';
import type { StreamProcessorProps } from './processor-props.ts';

export interface ProcessorFunctionProps extends StreamProcessorProps {
  /** ARN of the enhanced fan-out consumer by which it reads; undefined if it polls the stream. */
  readonly consumerArn: string | undefined;
}

/** The function of a processor, on arm64 and a pinned runtime, under a role of its own and logging JSON to a group of its own. */
export class ProcessorFunction extends Construct {
  readonly function: IFunction;
  readonly logGroup: ILogGroup;

  constructor(scope: Construct, id: string, props: ProcessorFunctionProps) {
    super(scope, id);
    const { system } = props;
    this.logGroup = logGroup(this, 'Logs', props);
    this.function = bundledFunction(this, 'Resource', {
      description: system.description,
      entry: system.entry,
      code: props.code,
      role: this.role(props),
      logGroup: this.logGroup,
      memoryMb: props.memoryMb ?? 256,
      tracing: props.tracing ?? true,
      timeout: props.timeout ?? Duration.seconds(60),
      environment: environment(props),
      bundling: bundling(props),
      reservedConcurrency: props.reservedConcurrency,
      network: props.network,
    });
    acknowledgeSynchronousFunction(this.function);
  }

  /** CDK's own role would carry managed policies, which allow writing to every log group of the account. */
  private role(props: ProcessorFunctionProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What system ${props.system.name} may do`,
    });
    const statements = processorStatements({
      input: props.source.stream,
      consumerArn: props.consumerArn,
      outputs: Object.values(props.outputs),
      stateTable: props.stateTable,
      checkpointTable: props.checkpointTable,
      queues: [props.deadLetters.queue, props.onFailureQueue, ...Object.values(props.alertQueues)],
      payloads: props.deadLetters.payloads,
      logGroup: this.logGroup,
      schemaRegistry: props.schemaRegistry,
    });
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    if (props.network !== undefined) role.addToPrincipalPolicy(vpcStatement());
    acknowledgeProcessorRole(role, props.schemaRegistry && schemasOf(props.schemaRegistry.registryName));
    return role;
  }
}

/** avsc and protobufjs are CommonJS, and ask for Node's modules by `require`, which an ES module has to make. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/** Known to the bundler, the variable decides whether a function carries what reads Avro and Protobuf. */
const bundling = (props: StreamProcessorProps) => ({
  define: { [`process.env.${ENV.binaryEvents}`]: JSON.stringify(String(props.schemaRegistry !== undefined)) },
  ...(props.schemaRegistry === undefined ? {} : { banner: REQUIRE }),
});

function environment(props: StreamProcessorProps): Record<string, string> {
  return {
    [ENV.metricNamespace]: props.metricNamespace ?? METRIC_NAMESPACE,
    [ENV.inputStream]: props.source.logicalName,
    [ENV.retentionHours]: String(props.source.retention.toHours()),
    [ENV.kplProducers]: String(props.source.kplProducers),
    [ENV.replayMode]: String(props.replayMode ?? false),
    ...(props.schemaRegistry === undefined ? {} : { [ENV.binaryEvents]: 'true' }),
    ...(props.source.adapter === undefined ? {} : { [ENV.inputAdapter]: JSON.stringify(props.source.adapter) }),
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
