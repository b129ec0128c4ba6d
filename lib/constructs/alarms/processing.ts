import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmSpecs, ProcessorAlarmsProps } from '../processor-alarms.ts';
import { functionMetric, processorMetric, tableMetric, throttledRequests } from '../processor-metrics.ts';

/** Share of the time-out above which an invocation has not ended by itself: the runtime gives up after three quarters. */
const TIMED_OUT = 0.95;

/** How invocations end. */
export function invocations({ processor, timeout }: ProcessorAlarmsProps): AlarmSpecs {
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
    Timeouts: {
      metric: functionMetric(processor, 'Duration', Stats.MAXIMUM),
      when: { above: timeout.toMilliseconds() * TIMED_OUT },
      minutes: { breaching: 1, of: 5 },
      silence: 'healthy',
      meaning: `The function of ${name} ran into its time-out of ${timeout.toSeconds()} s; the batch is delivered again, in halves, and its shard waits.`,
      first:
        'see whether the table or a sink is slow (its latency) or the batch is too large for the memory (duration against records); the runtime itself stops after three quarters of the time.',
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

/** What becomes of batches inside the function. */
export function folding({ processor }: ProcessorAlarmsProps): AlarmSpecs {
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

/** What DynamoDB refuses. */
export function tables({ processor, stateTable, indexes, checkpointTable }: ProcessorAlarmsProps): AlarmSpecs {
  const { systemName: name } = processor;
  return {
    TableThrottled: {
      metric: throttledRequests([
        tableMetric(stateTable, 'WriteThrottleEvents'),
        tableMetric(stateTable, 'ReadThrottleEvents'),
        ...indexes.map((index) => tableMetric(stateTable, 'WriteThrottleEvents', index)),
        tableMetric(checkpointTable, 'WriteThrottleEvents'),
      ]),
      when: { above: 0 },
      minutes: { breaching: 5, of: 15 },
      silence: 'healthy',
      meaning: `DynamoDB throttles the tables of ${name}; writes are tried again, and rows come later.`,
      first:
        'see whether one key or one index entry is hot (CloudWatch Contributor Insights), or all traffic grew beyond what the table has taken before.',
    },
  };
}
