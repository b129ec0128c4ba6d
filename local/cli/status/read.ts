import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { IteratorsOf } from '../../esm/kinesis-source.ts';
import type { StageClients } from './clients.ts';
import { readLag, readMapping, readStream } from './lag.ts';
import type { AlarmStatus, QueueStatus, Status } from './model.ts';
import type { StagePlace, SystemPlace } from './place.ts';
import { sectionOfEach, whyNot } from './section.ts';

/** Everything about a stage at `nowMs`, each part for itself. */
export async function readStatus(
  place: StagePlace,
  clients: StageClients,
  iterators: IteratorsOf,
  nowMs: number,
): Promise<Status> {
  const [streams, systems, lag, alarms, queues] = await Promise.all([
    sectionOfEach(
      place.streams,
      ({ stream }) => stream,
      ({ stream, name }) => readStream(clients, stream, name),
    ),
    sectionOfEach(place.systems, nameOf, (system) => readMapping(clients, system)),
    sectionOfEach(place.systems, nameOf, (system) => readLag(clients, system, iterators, nowMs)),
    readAlarms(clients, place.alarmPrefix),
    sectionOfEach(
      place.systems.flatMap(queuesOf),
      ({ system, queue }) => `${system}, ${queue}`,
      (queue) => readQueue(clients, queue),
    ),
  ]);
  return { stage: place.stage, at: new Date(nowMs).toISOString(), streams, systems, lag, alarms, queues };
}

const nameOf = ({ system }: SystemPlace): string => system;

/** Alarms whose names begin so: how many there are (a stage may be deployed without), and those in ALARM, the longest standing first. */
async function readAlarms(clients: StageClients, prefix: string): Promise<Status['alarms']> {
  const items: AlarmStatus[] = [];
  let total = 0;
  try {
    const pages = paginateDescribeAlarms(
      { client: clients.cloudwatch },
      { AlarmNamePrefix: prefix, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    );
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
      for (const alarm of [...MetricAlarms, ...CompositeAlarms]) {
        total += 1;
        if (alarm.StateValue === 'ALARM') items.push(alarmOf(alarm));
      }
    }
  } catch (error) {
    return { error: whyNot(error) };
  }
  return { items: items.toSorted((a, b) => (a.since < b.since ? -1 : 1)), total };
}

interface SdkAlarm {
  readonly AlarmName?: string | undefined;
  readonly AlarmDescription?: string | undefined;
  readonly StateReason?: string | undefined;
  readonly StateTransitionedTimestamp?: Date | undefined;
  readonly StateUpdatedTimestamp?: Date | undefined;
}

const alarmOf = ({ AlarmName, AlarmDescription, StateReason, ...times }: SdkAlarm): AlarmStatus => ({
  name: AlarmName ?? '',
  since: (times.StateTransitionedTimestamp ?? times.StateUpdatedTimestamp ?? new Date(0)).toISOString(),
  reason: StateReason ?? '',
  description: AlarmDescription ?? '',
});

const queuesOf = ({ system, deadLetterQueueUrl, onFailureQueueUrl }: SystemPlace) => [
  { system, queue: 'dead letters' as const, url: deadLetterQueueUrl },
  { system, queue: 'on-failure' as const, url: onFailureQueueUrl },
];

async function readQueue(
  { sqs }: StageClients,
  queue: Pick<QueueStatus, 'system' | 'queue' | 'url'>,
): Promise<QueueStatus> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queue.url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    ...queue,
    waiting: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}
