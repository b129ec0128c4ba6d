import { z } from 'zod';
import { TemplateError } from '../cloudformation/errors.ts';
import {
  integer,
  physicalName,
  type ResourceContext,
  type SupportedType,
  supported,
} from '../cloudformation/resource-type.ts';
import type { FunctionDefinition } from '../lambda/definition.ts';
import { arn, REASONS, removeOnly, replaceOnly, type Services } from './services.ts';

/** Lambda's defaults (API Reference, CreateFunction). */
const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MB = 128;

const functionProperties = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Timeout: integer.default(DEFAULT_TIMEOUT_SECONDS),
  MemorySize: integer.default(DEFAULT_MEMORY_MB),
  Environment: z
    .strictObject({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
    .default({ Variables: {} }),
  ReservedConcurrentExecutions: integer.optional(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['Text', 'JSON']).default('Text'),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: z.string().optional(),
      LogGroup: z.string().optional(),
    })
    .default({ LogFormat: 'Text' }),
});

/** AWS::Lambda::Function with a bundled asset, run by the Node.js that runs the local cloud. */
export const lambdaFunction = ({ functions }: Services): SupportedType =>
  supported({
    honoured: functionProperties,
    ignored: {
      Architectures: 'a function runs on the processor of this machine',
      Description: REASONS.text,
      EphemeralStorage: 'a function sees the disk of this machine',
      KmsKeyArn: REASONS.encryption,
      Role: REASONS.access,
      Tags: REASONS.tags,
      TracingConfig: 'there is no X-Ray here',
      VpcConfig: 'a function sees the network of this machine',
    },
    create: async (properties, context) => {
      const definition = await definitionOf(properties, properties.FunctionName ?? physicalName(context, 64), context);
      functions.push(definition);
      return { ref: definition.name, attributes: { Arn: definition.arn } };
    },
    update: {
      fixed: ['FunctionName'],
      apply: async (properties, physical, context) => {
        const definition = await definitionOf(properties, physical.ref, context);
        replaceOnly(
          functions,
          ({ name }) => name === physical.ref,
          () => definition,
        );
        return physical;
      },
    },
    remove: async ({ ref }) => removeOnly(functions, ({ name }) => name === ref),
  });

async function definitionOf(
  properties: z.output<typeof functionProperties>,
  name: string,
  context: ResourceContext,
): Promise<FunctionDefinition> {
  checkRuntime(properties.Runtime, context.where);
  const { LogFormat, LogGroup, ApplicationLogLevel, SystemLogLevel } = properties.LoggingConfig;
  return {
    name,
    arn: arn('lambda', `function:${name}`),
    directory: await context.assetDirectory(properties.Code.S3Key, properties.Code.S3Bucket),
    handler: properties.Handler,
    runtime: properties.Runtime,
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    environment: properties.Environment.Variables,
    logGroup: LogGroup ?? `/aws/lambda/${name}`,
    logFormat: LogFormat,
    ...(ApplicationLogLevel ? { applicationLogLevel: ApplicationLogLevel } : {}),
    ...(SystemLogLevel ? { systemLogLevel: SystemLogLevel } : {}),
    ...(properties.ReservedConcurrentExecutions === undefined
      ? {}
      : { reservedConcurrency: properties.ReservedConcurrentExecutions }),
  };
}

/** A function must not meet another version of Node.js here than on AWS. */
function checkRuntime(runtime: string, where: string): void {
  const here = `nodejs${process.versions.node.split('.')[0]}.x`;
  if (runtime === here) return;
  const problem = `Runtime ${runtime} cannot be run by this process, which is ${here}; run the project's npm scripts, which bring the right Node.js`;
  throw new TemplateError('template.unsupported-property', `${where} Properties`, problem);
}
