import type { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmRule, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type AlarmSpec, createAlarm, createCompositeAlarm, type OnCall } from './alarm.ts';
import { freshness, lag, standstill } from './alarms/lag.ts';
import { folding, invocations, tables } from './alarms/processing.ts';
import { rejections, waiting } from './alarms/rejections.ts';
import type { StreamProcessor } from './stream-processor.ts';

export interface AlarmThresholds {
  /** Minutes. */
  readonly iteratorAgeWarning: number;
  /** Minutes. */
  readonly iteratorAgeCritical: number;
  /** Hours. */
  readonly timeLeft: number;
}

/** How fresh rows have to be: so many percent of all minutes, at most so stale. */
export interface FreshnessObjective {
  /** Seconds from an event's arrival to its row, for 99 of 100 commits of a minute. */
  readonly seconds: number;
  /** Of all minutes. */
  readonly percent: number;
}

export interface ProcessorAlarmsProps extends OnCall {
  readonly processor: StreamProcessor;
  /** The function's. */
  readonly timeout: Duration;
  readonly deadLetterQueue: IQueue;
  readonly onFailureQueue: IQueue;
  readonly stateTable: ITable;
  /** Names of the state table's indexes: each is throttled by itself. */
  readonly indexes: readonly string[];
  readonly checkpointTable: ITable;
  readonly thresholds: AlarmThresholds;
  /** Left out: no objective, for stages whose events carry arrival times of the past. */
  readonly objective?: FreshnessObjective;
}

/** Alarms by their ids. */
export type AlarmSpecs = Readonly<Record<string, AlarmSpec>>;

/** What wakes somebody about one system, every alarm with what it means for users and what to do first. */
export class ProcessorAlarms extends Construct {
  readonly alarms: readonly IAlarm[];

  constructor(scope: Construct, id: string, props: ProcessorAlarmsProps) {
    super(scope, id);
    const specs: AlarmSpecs = {
      ...lag(props),
      ...standstill(props),
      ...freshness(props),
      ...rejections(props),
      ...waiting(props),
      ...invocations(props),
      ...folding(props),
      ...tables(props),
    };
    const alarms = new Map(
      Object.entries(specs).map(([name, spec]) => [name, createAlarm(this, name, props, spec)] as const),
    );
    this.alarms = [this.stale(alarms, props), ...alarms.values()];
  }

  private stale(alarms: ReadonlyMap<string, Alarm>, props: ProcessorAlarmsProps): IAlarm {
    const causes = ['IteratorAgeCritical', 'Stalled', 'BrokenBatches', 'FreshnessBurnFast'];
    return createCompositeAlarm(this, 'Stale', props, {
      rule: AlarmRule.anyOf(...causes.flatMap((name) => alarms.get(name) ?? [])),
      meaning: `Rows of ${props.processor.systemName} are stale now: whoever reads them sees the past. Nothing is lost yet.`,
      first: 'see which of its alarms are on, and go on at the heading of the first of them.',
    });
  }
}
