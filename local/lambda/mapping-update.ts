import { z } from 'zod';
import type { MappingSettings } from '../esm/types.ts';

/** What changes of a mapping. */
export interface MappingChange {
  readonly enabled?: boolean;
  readonly settings: Partial<Omit<MappingSettings, 'onFailureArn'>>;
  /** ARN of the new on-failure destination, or that there is none any more. */
  readonly onFailure?: string | 'none';
}

/** The part of an UpdateEventSourceMapping that the local cloud carries out. */
const update = z.strictObject({
  FunctionName: z.string().optional(),
  Enabled: z.boolean().optional(),
  BatchSize: z.int().optional(),
  MaximumBatchingWindowInSeconds: z.int().optional(),
  ParallelizationFactor: z.int().optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  MaximumRetryAttempts: z.int().optional(),
  MaximumRecordAgeInSeconds: z.int().optional(),
  DestinationConfig: z
    .strictObject({ OnFailure: z.strictObject({ Destination: z.string().optional() }).optional() })
    .optional(),
});

/**
 * What the body of an UpdateEventSourceMapping asks for. The function is not changed, whatever its name.
 *
 * @throws z.ZodError naming what the local cloud does not change.
 */
export function mappingChange(body: unknown): MappingChange {
  const asked = update.parse(body);
  const settings = {
    batchSize: asked.BatchSize,
    maximumBatchingWindowInSeconds: asked.MaximumBatchingWindowInSeconds,
    parallelizationFactor: asked.ParallelizationFactor,
    bisectBatchOnFunctionError: asked.BisectBatchOnFunctionError,
    maximumRetryAttempts: asked.MaximumRetryAttempts,
    maximumRecordAgeInSeconds: asked.MaximumRecordAgeInSeconds,
  };
  return {
    settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
    ...(asked.Enabled === undefined ? {} : { enabled: asked.Enabled }),
    ...(asked.DestinationConfig === undefined
      ? {}
      : { onFailure: asked.DestinationConfig.OnFailure?.Destination || 'none' }),
  };
}

/** The settings after a change. */
export function changed({ onFailureArn, ...before }: MappingSettings, change: MappingChange): MappingSettings {
  const destination = change.onFailure ?? onFailureArn ?? 'none';
  return { ...before, ...change.settings, ...(destination === 'none' ? {} : { onFailureArn: destination }) };
}
