import type { Alarm, StateValue } from './alarm.ts';
import {
  AlarmError,
  type CompiledAlarm,
  type CompositeAlarm,
  compileAlarm,
  type MetricAlarm,
} from './alarm-definition.ts';
import { alarmsIn, holds } from './alarm-rule.ts';
import { breaches, evaluationRange, nextState } from './alarm-state.ts';
import type { TimeSeries } from './math/evaluate.ts';
import type { MetricStore } from './store.ts';

/** The state of an alarm, and since when and why it has it. */
export interface AlarmState {
  readonly value: StateValue;
  /** For people. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
}

/** A change of state. */
export interface Transition {
  readonly compiled: CompiledAlarm;
  readonly from: StateValue;
  readonly to: AlarmState;
  /** Of a composite alarm: the alarms that its rule asks about, as they were. */
  readonly children: readonly { readonly alarm: Alarm; readonly state: AlarmState }[];
}

const MINUTE_MS = 60_000;

/**
 * Alarms and their states. Time and data are given to it, so that the same alarms run under a clock of a test's own.
 * A new alarm has the state INSUFFICIENT_DATA, as on AWS.
 */
export class AlarmBook {
  readonly #store: MetricStore;
  readonly #alarms: readonly Alarm[];
  readonly #compiled = new WeakMap<Alarm, CompiledAlarm>();
  readonly #states = new Map<string, AlarmState>();
  /** Epoch milliseconds at which it was made. */
  readonly startedMs: number;

  /**
   * @param alarms may change later: an alarm whose definition is replaced keeps its state.
   * @throws AlarmError for an alarm that cannot be evaluated.
   */
  constructor(store: MetricStore, alarms: readonly Alarm[], startedMs: number) {
    this.#store = store;
    this.#alarms = alarms;
    this.startedMs = startedMs;
    for (const alarm of this.all()) if (alarm.kind === 'composite') this.#checkRule(alarm, []);
  }

  /** Every alarm that there is now. */
  all(): readonly CompiledAlarm[] {
    return this.#alarms.map((alarm) => this.#compile(alarm));
  }

  state(name: string): AlarmState {
    const initial: AlarmState = {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      sinceMs: this.startedMs,
    };
    return this.#states.get(name) ?? initial;
  }

  /** Evaluates every alarm over the whole minutes that have passed by `nowMs`. @returns what changed, metric alarms first. */
  evaluate(nowMs: number): Transition[] {
    const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const all = this.all();
    const composites = all.filter((alarm) => alarm.kind === 'composite');
    return [
      ...all.flatMap((alarm) =>
        alarm.kind === 'metric' ? this.#move(alarm, this.#evaluateMetric(alarm, endMs), nowMs) : [],
      ),
      // Composite alarms may lie upon each other, in any order.
      ...composites.flatMap(() => composites.flatMap((alarm) => this.#evaluateComposite(alarm, nowMs))),
    ];
  }

  #compile(alarm: Alarm): CompiledAlarm {
    const compiled = this.#compiled.get(alarm) ?? compileAlarm(alarm);
    this.#compiled.set(alarm, compiled);
    return compiled;
  }

  #evaluateMetric(metric: MetricAlarm, endMs: number): Omit<AlarmState, 'sinceMs'> {
    const settings = { ...metric.properties, TreatMissingData: treatmentOf(metric) };
    const periods = { endMs, periodMs: metric.periodSeconds * 1000, count: evaluationRange(settings) };
    const points = metric.queries.series(metric.queryId, this.#store, periods);
    const value = nextState(settings, points, this.state(metric.alarm.name).value);
    return { value, reason: reasonOf(metric, points) };
  }

  #evaluateComposite(composite: CompositeAlarm, nowMs: number): Transition[] {
    const stateOf = (name: string): StateValue => this.state(name).value;
    const names = [...new Set(alarmsIn(composite.rule))];
    const reason = names.map((name) => `${name} is ${stateOf(name)}`).join(', ');
    return this.#move(composite, { value: holds(composite.rule, stateOf) ? 'ALARM' : 'OK', reason }, nowMs);
  }

  #move(compiled: CompiledAlarm, next: Omit<AlarmState, 'sinceMs'>, nowMs: number): Transition[] {
    const { name } = compiled.alarm;
    const from = this.state(name).value;
    if (next.value === from) return [];
    const to = { ...next, sinceMs: nowMs };
    this.#states.set(name, to);
    const asked = new Set(compiled.kind === 'composite' ? alarmsIn(compiled.rule) : []);
    const children = this.#alarms.flatMap((alarm) =>
      asked.has(alarm.name) ? [{ alarm, state: this.state(alarm.name) }] : [],
    );
    return [{ compiled, from, to, children }];
  }

  #checkRule({ alarm, rule }: CompositeAlarm, above: readonly string[]): void {
    const path = [...above, alarm.name];
    if (above.includes(alarm.name)) throw new AlarmError(`composite alarms need each other: ${path.join(' → ')}`);
    for (const name of alarmsIn(rule)) {
      const child = this.#alarms.find((other) => other.name === name);
      if (!child) throw new AlarmError(`composite alarm ${alarm.name}: there is no alarm ${name}`);
      const compiled = this.#compile(child);
      if (compiled.kind === 'composite') this.#checkRule(compiled, path);
    }
  }
}

/** Alarms on metrics of DynamoDB ignore missing data, whatever they say (API Reference, PutMetricAlarm, TreatMissingData). */
function treatmentOf({ queries, properties }: MetricAlarm): MetricAlarm['properties']['TreatMissingData'] {
  const isDynamoDb = queries.metrics.some(({ Metric }) => Metric.Namespace === 'AWS/DynamoDB');
  return isDynamoDb ? 'ignore' : properties.TreatMissingData;
}

function reasonOf({ properties }: MetricAlarm, points: TimeSeries): string {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, ComparisonOperator, Threshold } = properties;
  const real = points.filter((point) => point !== undefined).slice(-EvaluationPeriods);
  const breaching = real.filter((value) => breaches(properties, value)).length;
  const newest = real.slice(-5).reverse().join(', ') || 'none';
  return (
    `Threshold Crossed: ${breaching} of the last ${EvaluationPeriods} datapoints [newest first: ${newest}] ` +
    `are ${ComparisonOperator} (${Threshold}); ${DatapointsToAlarm} are needed for ALARM, ${EvaluationPeriods - real.length} are missing`
  );
}
