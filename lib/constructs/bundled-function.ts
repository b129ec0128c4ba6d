import { resolve } from 'node:path';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  type Code,
  type FunctionOptions,
  type IFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { given } from '../given.ts';
import { acknowledgeNoTracing } from './acknowledgements.ts';
import type { Network } from './processor-props.ts';

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
  readonly bundling?: Pick<BundlingOptions, 'define' | 'banner'>;
}

/** A function on arm64 and a pinned runtime, logging JSON to a group of its own. */
export function bundledFunction(scope: Construct, id: string, props: BundledFunctionProps): IFunction {
  const { entry, code, memoryMb, tracing, environment, reservedConcurrency, network, bundling, ...options } = props;
  const fn = new NodejsFunction(scope, id, {
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
    ...(code === undefined ? fromSource(entry, bundling) : { code, handler: 'index.handler' }),
  });
  if (!tracing) acknowledgeNoTracing(fn);
  return fn;
}

const inNetwork = ({ vpc, subnets, securityGroups }: Network) => ({
  vpc,
  securityGroups: [...securityGroups],
  ...given<FunctionOptions>({ vpcSubnets: subnets }),
});

const fromSource = (entry: string, own: BundledFunctionProps['bundling']) => ({
  entry: `${PROJECT_ROOT}/${entry}`,
  projectRoot: PROJECT_ROOT,
  depsLockFilePath: `${PROJECT_ROOT}/package-lock.json`,
  bundling: { ...BUNDLING, ...own },
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
