import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  type Code,
  type FunctionOptions,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { given } from '../given.ts';
import { acknowledgeNoTracing } from './acknowledgements.ts';
import { type BundleOptions, bundledCode } from './bundle.ts';
import type { Network } from './processor-props.ts';

export interface BundledFunctionProps {
  readonly description: string;
  /** Source file, from the project's root; it exports `handler`. */
  readonly entry: string;
  /** Code that is already built, instead of bundling the entry. Its handler is `index.handler`. */
  readonly code: Code | undefined;
  readonly role: IRole;
  readonly logGroup: ILogGroup;
  readonly memoryMb: number;
  /** Active tracing by X-Ray. */
  readonly tracing: boolean;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  /** Environments at most. Absent: what the account has left. */
  readonly reservedConcurrency?: number | undefined;
  /** Absent: no VPC. */
  readonly network?: Network | undefined;
  /** What this bundle differs in. */
  readonly bundling?: BundleOptions;
}

/** A function on arm64 and a pinned runtime, logging JSON to a group of its own. */
export function bundledFunction(scope: Construct, id: string, props: BundledFunctionProps): IFunction {
  const { entry, code, memoryMb, tracing, environment, reservedConcurrency, network, bundling, ...options } = props;
  const fn = new LambdaFunction(scope, id, {
    ...options,
    ...given<FunctionOptions>({ reservedConcurrentExecutions: reservedConcurrency }),
    ...(network === undefined ? {} : inNetwork(network)),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: memoryMb,
    tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    loggingFormat: LoggingFormat.JSON,
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    systemLogLevelV2: SystemLogLevel.WARN,
    environment: { NODE_OPTIONS: '--enable-source-maps', ...environment },
    code: code ?? bundledCode({ file: entry }, bundling),
    handler: 'index.handler',
  });
  if (!tracing) acknowledgeNoTracing(fn);
  return fn;
}

const inNetwork = ({ vpc, subnets, securityGroups }: Network) => ({
  vpc,
  securityGroups: [...securityGroups],
  ...given<FunctionOptions>({ vpcSubnets: subnets }),
});

export interface LogsProps {
  /** Default: 30 days. */
  readonly logRetention?: RetentionDays;
  /** Must let CloudWatch Logs use it. Default: CloudWatch's own encryption. */
  readonly logKey?: IKey;
}

/** Logs that go with their stack. */
export const logGroup = (scope: Construct, id: string, { logRetention, logKey }: LogsProps): ILogGroup =>
  new LogGroup(scope, id, {
    retention: logRetention ?? RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(logKey === undefined ? {} : { encryptionKey: logKey }),
  });
