import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type AlarmSpec, createAlarm } from './alarm.ts';
import {
  functionMetric,
  hoursLeft,
  iteratorAge,
  mappingMetric,
  processorMetric,
  stalled,
  waitingMessages,
} from './processor-metrics.ts';
import type { StreamProcessor } from './stream-processor.ts';

export interface AlarmThresholds {
  /** Minutes. */
  readonly iteratorAgeWarning: number;
  /** Minutes. */
  readonly iteratorAgeCritical: number;
  /** Hours. */
  readonly timeLeft: number;
}

export interface ProcessorAlarmsProps {
  readonly processor: StreamProcessor;
  readonly deadLetterQueue: IQueue;
  readonly onFailureQueue: IQueue;
  readonly topic: ITopic;
  readonly thresholds: AlarmThresholds;
}

/** What wakes somebody about one system, every alarm with what it means for users and what to do first. */
export class ProcessorAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: ProcessorAlarmsProps) {
    super(scope, id);
    const specs = {
      ...lag(props),
      ...standstill(props),
      ...rejections(props),
      ...invocations(props),
      ...folding(props),
    };
    this.alarms = Object.entries(specs).map(([name, spec]) => createAlarm(this, name, props.topic, spec));
  }
}

type Specs = Readonly<Record<string, AlarmSpec>>;

const MS_PER_MINUTE = 60_000;

function lag({ processor, thresholds }: ProcessorAlarmsProps): Specs {
  const { systemName: name } = processor;
  const { iteratorAgeWarning, iteratorAgeCritical } = thresholds;
  return {
    IteratorAgeWarning: {
      metric: iteratorAge(processor),
      when: { above: iteratorAgeWarning * MS_PER_MINUTE },
      minutes: { breaching: 5, of: 5 },
      silence: 'healthy',
      meaning: `Rows of ${name} are more than ${iteratorAgeWarning} minutes behind what users do.`,
      first:
        'see on the dashboard whether one shard is blocked (BlockedKeys, Errors) or all are slow (more traffic, Throttles).',
    },
    IteratorAgeCritical: {
      metric: iteratorAge(processor),
      when: { above: iteratorAgeCritical * MS_PER_MINUTE },
      minutes: { breaching: 5, of: 5 },
      silence: 'unchanged',
      meaning: `Rows of ${name} are more than ${iteratorAgeCritical} minutes behind what users do; readers see stale state. Nothing is lost yet.`,
      first:
        "read the function's last error; if a deployment came before it, roll back; if a dependency is down, wait for it: the mapping retries without end.",
    },
  };
}

function standstill({ processor, thresholds: { timeLeft } }: ProcessorAlarmsProps): Specs {
  const { systemName: name } = processor;
  return {
    TimeLeft: {
      metric: hoursLeft(processor),
      when: { below: timeLeft },
      minutes: { breaching: 5, of: 5 },
      silence: 'unchanged',
      meaning: `In less than ${timeLeft} hours events that ${name} has not read begin to expire: they would be lost for good.`,
      first:
        "raise the stream's retention now (IncreaseStreamRetentionPeriod, up to 8,760 hours, at once and without risk), then repair the cause.",
    },
    Stalled: {
      metric: stalled(processor),
      when: { above: 0 },
      minutes: { breaching: 15, of: 15 },
      silence: 'healthy',
      meaning: `The stream of ${name} takes events, but its event source mapping has read none for 15 minutes; rows stand still.`,
      first:
        "look at the mapping's State and LastProcessingResult: it is disabled, or its role may not read the stream or use the key.",
    },
  };
}

function rejections({ processor, deadLetterQueue, onFailureQueue }: ProcessorAlarmsProps): Specs {
  const { systemName: name } = processor;
  return {
    DeadLetters: {
      metric: waitingMessages(deadLetterQueue),
      when: { above: 0 },
      minutes: { breaching: 1, of: 1 },
      silence: 'healthy',
      meaning: `${name} rejected events that it can never process; they are missing from their rows and wait in the dead-letter queue for 14 days.`,
      first:
        'read the reasons in the queue: one producer sends a wrong shape, or a new event version came before the code that knows it.',
    },
    OnFailure: {
      metric: waitingMessages(onFailureQueue),
      when: { above: 0 },
      minutes: { breaching: 1, of: 1 },
      silence: 'healthy',
      meaning: `Lambda discarded records of ${name} unprocessed; the messages hold their positions, and the stream their payloads only until retention ends.`,
      first:
        "read condition and sequence numbers in the on-failure queue and fetch the records from the stream; check the mapping's retry settings, which should never give up.",
    },
    Dropped: {
      metric: mappingMetric(processor, 'DroppedEventCount'),
      when: { above: 0 },
      minutes: { breaching: 1, of: 1 },
      silence: 'healthy',
      meaning: `Lambda dropped records of ${name} for expiry, retries or size; without a message in the on-failure queue they are lost once retention ends.`,
      first:
        'compare with the on-failure queue: if it is empty, the role may not send to it; read the time range from the stream again.',
    },
  };
}

function invocations({ processor }: ProcessorAlarmsProps): Specs {
  const { systemName: name } = processor;
  return {
    Errors: {
      metric: functionMetric(processor, 'Errors'),
      when: { above: 0 },
      minutes: { breaching: 3, of: 15 },
      silence: 'healthy',
      meaning: `The function of ${name} crashes or times out again and again; the shards concerned wait and grow stale.`,
      first:
        'read the last error in its log group; out of memory and time-outs name themselves, a record that crashes it is rejected by itself at the third attempt.',
    },
    Throttles: {
      metric: functionMetric(processor, 'Throttles'),
      when: { above: 0 },
      minutes: { breaching: 5, of: 15 },
      silence: 'healthy',
      meaning: `The account has no concurrency left for ${name}; it falls behind.`,
      first:
        "look at the account's ConcurrentExecutions against its quota; find the function that takes it, or raise the quota.",
    },
  };
}

function folding({ processor }: ProcessorAlarmsProps): Specs {
  const { systemName: name } = processor;
  return {
    BlockedKeys: {
      metric: processorMetric(processor, 'blockedKeys'),
      when: { above: 0 },
      minutes: { breaching: 3, of: 5 },
      silence: 'healthy',
      meaning: `Some keys of ${name} cannot be written; their users see stale rows, and the lanes behind them wait.`,
      first:
        "search the function's log for the key's hash and the cause: a throttled table, an output stream or queue that refuses, or a row newer than the code.",
    },
    BrokenBatches: {
      metric: processorMetric(processor, 'brokenBatches'),
      when: { above: 0 },
      minutes: { breaching: 1, of: 1 },
      silence: 'healthy',
      meaning: `The reducer of ${name} throws on most events of a batch, so it stopped instead of rejecting them all; rows stand still, nothing is lost.`,
      first:
        'roll the last deployment back; if there was none, look in the log at what the reducer threw and which events are new.',
    },
  };
}
