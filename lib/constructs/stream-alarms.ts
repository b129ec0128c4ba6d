import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { createAlarm } from './alarm.ts';
import type { EventSource } from './event-stream.ts';
import { streamMetric } from './processor-metrics.ts';

export interface StreamAlarmsProps {
  readonly source: EventSource;
  readonly topic: ITopic;
}

/** What wakes somebody about a stream as such, whoever reads it. */
export class StreamAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { source, topic }: StreamAlarmsProps) {
    super(scope, id);
    this.alarms = [
      createAlarm(this, 'WritesThrottled', topic, {
        metric: streamMetric(source.stream, 'WriteProvisionedThroughputExceeded'),
        when: { above: 0 },
        minutes: { breaching: 5, of: 15 },
        silence: 'healthy',
        meaning: `Stream ${source.logicalName} refuses records above a shard's 1 MB or 1,000 records a second; its producers hold events back, and processors that publish to it wait.`,
        first:
          'see whether one partition key is hot (then no shard count helps) or all traffic grew (then add shards; on-demand streams follow within minutes).',
      }),
    ];
  }
}
