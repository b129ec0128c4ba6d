import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What tests read of a recorded scenario; the file holds more, and comparisons use all of a value. */
export interface RecordedEvent {
  readonly Records: readonly {
    readonly invokeIdentityArn: string;
    readonly kinesis: { readonly partitionKey: string; readonly data: string };
  }[];
}

export interface RecordedMapping {
  readonly BatchSize: number;
  readonly BisectBatchOnFunctionError: boolean;
  readonly DestinationConfig: { readonly OnFailure: { readonly Destination?: string } };
  readonly EventSourceArn: string;
  readonly FunctionArn: string;
  readonly FunctionResponseTypes: readonly string[];
  readonly MaximumBatchingWindowInSeconds: number;
  readonly MaximumRecordAgeInSeconds: number;
  readonly MaximumRetryAttempts: number;
  readonly ParallelizationFactor: number;
  readonly StartingPosition: 'TRIM_HORIZON' | 'LATEST';
}

export interface Scenario {
  readonly create_event_source_mapping_response: RecordedMapping;
  readonly invocation_events?: readonly { readonly event: RecordedEvent }[];
  readonly kinesis_records?: RecordedEvent;
  readonly sqs_payload?: { readonly Messages: readonly { readonly Body: unknown }[] };
}

/** Reads the scenario that was recorded on AWS under that name. */
export function recordedScenario(name: string): Scenario {
  const file = path.join(import.meta.dirname, '../../data/kinesis/esm_recorded_on_aws.json');
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { 'recorded-content': Scenario }>;
  const scenario = recorded[name];
  if (!scenario) throw new Error(`no scenario ${name} in ${file}; it has ${Object.keys(recorded).join(', ')}`);
  return scenario['recorded-content'];
}

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const PLACEHOLDER = /<[a-z][\w-]*(?::[^<>]+)?>/g;
/** Placeholders of values that differ at every occurrence, and what they look like. */
const UNBOUND: readonly [RegExp, RegExp][] = [
  [/^<timestamp:/, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/],
  [/^<approximate-arrival-timestamp>$/, /^\d{10}(\.\d{1,3})?$/],
];

/**
 * Compares values with a recording whose ids are placeholders: one placeholder stands for one value throughout, and no value for
 * two placeholders.
 */
export class Recording {
  readonly #values = new Map<string, string>();
  readonly #placeholders = new Map<string, string>();

  /** @returns every difference, with its path; none if all is equal. */
  differences(actual: unknown, recorded: unknown, at = '$'): string[] {
    if (typeof recorded === 'string') return this.#differencesOfText(actual, recorded, at);
    if (typeof recorded !== 'object' || recorded === null || typeof actual !== 'object' || actual === null) {
      return Object.is(actual, recorded) ? [] : [`${at}: ${JSON.stringify(actual)} is not ${JSON.stringify(recorded)}`];
    }
    const names = new Set([...Object.keys(actual), ...Object.keys(recorded)]);
    return [...names].flatMap((name) => {
      const path = `${at}.${name}`;
      if (!(name in actual)) return [`${path} is missing`];
      if (!(name in recorded)) return [`${path} was not recorded`];
      return this.differences(
        (actual as Record<string, unknown>)[name],
        (recorded as Record<string, unknown>)[name],
        path,
      );
    });
  }

  #differencesOfText(actual: unknown, recorded: string, at: string): string[] {
    const placeholders = recorded.match(PLACEHOLDER) ?? [];
    const pattern = recorded.split(PLACEHOLDER).map(literally).join('(.+?)');
    const values = new RegExp(`^${pattern}$`).exec(String(actual))?.slice(1);
    if (!values) return [`${at}: ${JSON.stringify(actual)} is not ${JSON.stringify(recorded)}`];
    return placeholders.flatMap((placeholder, index) => this.#bind(placeholder, values[index] ?? '', at));
  }

  #bind(placeholder: string, value: string, at: string): string[] {
    const unbound = UNBOUND.find(([name]) => name.test(placeholder));
    if (unbound) return unbound[1].test(value) ? [] : [`${at}: ${value} does not look like ${placeholder}`];
    const boundValue = this.#values.get(placeholder) ?? value;
    const boundPlaceholder = this.#placeholders.get(value) ?? placeholder;
    this.#values.set(placeholder, boundValue);
    this.#placeholders.set(value, boundPlaceholder);
    if (boundValue === value && boundPlaceholder === placeholder) return [];
    return [`${at}: ${value} is not ${placeholder}, which is ${boundValue} (${value} is ${boundPlaceholder})`];
  }
}
