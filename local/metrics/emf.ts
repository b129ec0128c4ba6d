import { z } from 'zod';

/** Values of one metric at one time. */
export interface MetricDatum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly timestampMs: number;
  readonly values: readonly number[];
}

/** A log line with metrics that CloudWatch would drop. */
export class EmfError extends Error {
  override readonly name = 'EmfError';
}

/** Limits of the specification: 100 metrics a directive, 30 dimensions a set, 100 values a metric. */
const directive = z.looseObject({
  Namespace: z.string().min(1).max(1024),
  Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)),
  Metrics: z.array(z.looseObject({ Name: z.string().min(1).max(1024) })).max(100),
});
const line = z.looseObject({
  _aws: z.looseObject({ Timestamp: z.int(), CloudWatchMetrics: z.array(directive) }),
});
const target = z.union([z.number().transform((value) => [value]), z.array(z.number()).max(100)]);

/**
 * The metrics in a line of a function's log, in CloudWatch's embedded metric format; none if the line is something else.
 *
 * Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
 *
 * @throws EmfError if the line means to be such metrics and breaks the specification, in which case CloudWatch drops it.
 */
export function metricsOf(text: string): MetricDatum[] {
  const json = text.includes('"_aws"') ? objectOf(text) : undefined;
  if (!json || !('_aws' in json)) return [];
  const parsed = line.safeParse(json);
  if (!parsed.success) throw new EmfError(z.prettifyError(parsed.error));
  const { Timestamp: timestampMs, CloudWatchMetrics: directives } = parsed.data._aws;
  return directives.flatMap(({ Namespace: namespace, Dimensions: sets, Metrics: metrics }) =>
    sets.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, dimensionValue(json, name)]));
      return metrics.map(({ Name: name }) => ({
        namespace,
        name,
        dimensions,
        timestampMs,
        values: valuesOf(json, name),
      }));
    }),
  );
}

type Json = Readonly<Record<string, unknown>>;

function objectOf(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Json) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function dimensionValue(json: Json, name: string): string {
  const value = json[name];
  if (typeof value === 'string') return value;
  throw new EmfError(`dimension ${name} has no text value`);
}

function valuesOf(json: Json, name: string): number[] {
  const parsed = target.safeParse(json[name]);
  if (parsed.success) return parsed.data;
  throw new EmfError(`metric ${name} has no value that is a number or a list of at most 100`);
}
