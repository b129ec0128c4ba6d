import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  boolean,
  integer,
  type ResourceContext,
  type SupportedType,
  supported,
} from '../cloudformation/resource-type.ts';
import type { MappingSettings } from '../esm/types.ts';
import { arn, type MappingDefinition, REASONS, removeOnly, replaceOnly, type Services } from './services.ts';

/** Lambda's defaults for streams (API Reference, CreateEventSourceMapping). */
const DEFAULTS = { batchSize: 100, window: 0, factor: 1, retries: -1, recordAge: -1 } as const;

const properties = z.strictObject({
  EventSourceArn: z.string().regex(/:kinesis:/, 'only Kinesis streams are mapped locally'),
  FunctionName: z.string(),
  Enabled: boolean.default(true),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
  StartingPositionTimestamp: z.coerce.number().optional(),
  BatchSize: integer.default(DEFAULTS.batchSize),
  MaximumBatchingWindowInSeconds: integer.default(DEFAULTS.window),
  ParallelizationFactor: integer.default(DEFAULTS.factor),
  BisectBatchOnFunctionError: boolean.default(false),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  MaximumRetryAttempts: integer.default(DEFAULTS.retries),
  MaximumRecordAgeInSeconds: integer.default(DEFAULTS.recordAge),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() }).optional(),
  MetricsConfig: z.strictObject({ Metrics: z.array(z.literal('EventCount')) }).optional(),
});

/** AWS::Lambda::EventSourceMapping of a Kinesis stream, run by Millrace's own engine. */
export const eventSourceMapping = ({ mappings }: Services): SupportedType =>
  supported({
    honoured: properties,
    ignored: { Tags: REASONS.tags },
    create: async (mapping, context) => {
      const uuid = uuidOf(context);
      mappings.push(definitionOf(mapping, uuid, context));
      const mappingArn = arn('lambda', `event-source-mapping:${uuid}`);
      return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: mappingArn } };
    },
    update: {
      fixed: ['EventSourceArn', 'StartingPosition', 'StartingPositionTimestamp'],
      apply: async (mapping, physical, context) => {
        const definition = definitionOf(mapping, physical.ref, context);
        replaceOnly(
          mappings,
          ({ settings }) => settings.uuid === physical.ref,
          () => definition,
        );
        return physical;
      },
    },
    remove: async ({ ref }) => removeOnly(mappings, ({ settings }) => settings.uuid === ref),
  });

const definitionOf = (
  mapping: z.output<typeof properties>,
  uuid: string,
  { stack, logicalId }: ResourceContext,
): MappingDefinition => ({
  stack,
  logicalId,
  settings: settingsOf(mapping, uuid),
  enabled: mapping.Enabled,
  countsEvents: mapping.MetricsConfig?.Metrics.includes('EventCount') ?? false,
});

function settingsOf(mapping: z.output<typeof properties>, uuid: string): MappingSettings {
  const functionName = mapping.FunctionName;
  return {
    uuid,
    streamArn: mapping.EventSourceArn,
    functionArn: functionName.startsWith('arn:') ? functionName : arn('lambda', `function:${functionName}`),
    batchSize: mapping.BatchSize,
    maximumBatchingWindowInSeconds: mapping.MaximumBatchingWindowInSeconds,
    parallelizationFactor: mapping.ParallelizationFactor,
    bisectBatchOnFunctionError: mapping.BisectBatchOnFunctionError,
    reportBatchItemFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumRetryAttempts: mapping.MaximumRetryAttempts,
    maximumRecordAgeInSeconds: mapping.MaximumRecordAgeInSeconds,
    startingPosition: startingPosition(mapping),
    ...(mapping.DestinationConfig?.OnFailure ? { onFailureArn: mapping.DestinationConfig.OnFailure.Destination } : {}),
  };
}

function startingPosition(mapping: z.output<typeof properties>): MappingSettings['startingPosition'] {
  if (mapping.StartingPosition !== 'AT_TIMESTAMP') return mapping.StartingPosition;
  return { timestampMs: (mapping.StartingPositionTimestamp ?? Number.NaN) * 1000 };
}

/** The same at every start, as physical names are. */
function uuidOf({ stack, logicalId }: ResourceContext): string {
  const hex = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
