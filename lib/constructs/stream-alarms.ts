import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm, type OnCall } from './alarm.ts';
import type { EventSource } from './event-stream.ts';
import { streamMetric, unevenlyThrottled } from './processor-metrics.ts';

export interface StreamAlarmsProps extends OnCall {
  readonly source: EventSource;
  /** Shards that it has at least. Left out: nobody knows, and no alarm tells a hot shard from too few. */
  readonly shards?: number;
}

/** What wakes somebody about a stream as such, whoever reads it. */
export class StreamAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: StreamAlarmsProps) {
    super(scope, id);
    const { source, shards } = props;
    this.alarms = [
      createAlarm(this, 'WritesThrottled', props, {
        metric: streamMetric(source.stream, 'WriteProvisionedThroughputExceeded'),
        when: { above: 0 },
        minutes: { breaching: 5, of: 15 },
        silence: 'healthy',
        meaning: `Stream ${source.logicalName} refuses records above a shard's 1 MB or 1,000 records a second; its producers hold events back, and processors that publish to it wait.`,
        first:
          'see whether one partition key is hot (then no shard count helps) or all traffic grew (then add shards; on-demand streams follow within minutes).',
      }),
      ...(shards === undefined ? [] : [this.hotShard(props, shards)]),
    ];
  }
  private hotShard(props: StreamAlarmsProps, shards: number): Alarm {
    const { source } = props;
    return createAlarm(this, 'HotShard', props, {
      metric: unevenlyThrottled(source.stream, shards),
      when: { above: 0 },
      minutes: { breaching: 5, of: 15 },
      silence: 'healthy',
      meaning: `Stream ${source.logicalName} refuses records though half of its shards would take them all: few partition keys have most of the traffic, and their events wait at their producers.`,
      first:
        'find the partition keys with the most records (millrace tail shows keys live); more shards help only if the hot keys are several.',
    });
  }
}
