import type { AdapterManifest } from '../core/adapter.ts';
import { alertQueueEnv, ENV, effectTableEnv, outputStreamEnv } from '../core/names.ts';
import type { Destinations } from './effect-sink.ts';

/** What a processor's function is told by its environment. */
export interface FunctionEnvironment {
  readonly metricNamespace: string;
  readonly inputStream: string;
  readonly stateTable: string;
  readonly checkpointTable: string;
  readonly deadLetterQueueUrl: string;
  readonly deadLetterBucket: string;
  readonly kplProducers: boolean;
  readonly replayMode: boolean;
  readonly retentionHours: number;
  /** Absent: the input stream carries CloudEvents. */
  readonly inputAdapter: AdapterManifest | undefined;
  readonly destinations: Destinations;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the environment, once. Throws an Error that names the variable which is missing or wrong. */
export function readEnvironment(variables: Variables): FunctionEnvironment {
  const text = (name: string): string => {
    const value = variables[name];
    if (value === undefined || value === '') throw new Error(`Environment variable ${name} is not set`);
    return value;
  };
  const flag = (name: string): boolean => {
    const value = variables[name] ?? 'false';
    if (value !== 'true' && value !== 'false') throw new Error(`Environment variable ${name} must be true or false`);
    return value === 'true';
  };
  const positive = (name: string): number => {
    const value = Number(text(name));
    if (!Number.isInteger(value) || value <= 0)
      throw new Error(`Environment variable ${name} must be a positive integer`);
    return value;
  };
  return {
    metricNamespace: text(ENV.metricNamespace),
    inputStream: text(ENV.inputStream),
    stateTable: text(ENV.stateTable),
    checkpointTable: text(ENV.checkpointTable),
    deadLetterQueueUrl: text(ENV.deadLetterQueueUrl),
    deadLetterBucket: text(ENV.deadLetterBucket),
    kplProducers: flag(ENV.kplProducers),
    replayMode: flag(ENV.replayMode),
    retentionHours: positive(ENV.retentionHours),
    inputAdapter: adapterIn(variables[ENV.inputAdapter]),
    destinations: {
      stream: (name) => text(outputStreamEnv(name)),
      queueUrl: (name) => text(alertQueueEnv(name)),
      table: (name) => text(effectTableEnv(name)),
    },
  };
}

/** Infrastructure writes it from the manifest, whose type the compiler has checked. */
function adapterIn(json: string | undefined): AdapterManifest | undefined {
  if (json === undefined || json === '') return undefined;
  const adapter = parsed(json);
  if (typeof adapter === 'object' && adapter !== null && 'kind' in adapter && KINDS.has(adapter.kind)) {
    return adapter as AdapterManifest;
  }
  throw new Error(`Environment variable ${ENV.inputAdapter} must be an adapter as JSON, of kind json, debezium or dms`);
}

const KINDS: ReadonlySet<unknown> = new Set<AdapterManifest['kind']>(['json', 'debezium', 'dms']);

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new Error(`Environment variable ${ENV.inputAdapter} is no JSON`, { cause });
  }
}
