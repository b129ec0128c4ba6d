import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { IteratorsOf } from '../../esm/kinesis-source.ts';
import type { StageClients } from './clients.ts';
import { readLag, readMapping, readStream } from './lag.ts';
import type { AlarmStatus, QueueStatus, Status } from './model.ts';
import type { StagePlace, SystemPlace } from './place.ts';
import { section, whyNot } from './section.ts';

/** Everything about a stage at `nowMs`, each part for itself. */
export async function readStatus(
  place: StagePlace,
  clients: StageClients,
  iterators: IteratorsOf,
  nowMs: number,
): Promise<Status> {
  const [streams, systems, lag, alarms, queues] = await Promise.all([
    section(() => each(place.streams, ({ stream, name }) => readStream(clients, stream, name))),
    section(() => each(place.systems, (system) => readMapping(clients, system))),
    section(() => each(place.systems, (system) => readLag(clients, system, iterators, nowMs))),
    readAlarms(clients, place.alarmPrefix),
    section(async () => (await each(place.systems, (system) => readQueues(clients, system))).flat()),
  ]);
  return { stage: place.stage, at: new Date(nowMs).toISOString(), streams, systems, lag, alarms, queues };
}

const each = <T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> => Promise.all(items.map(read));

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

async function readQueues(clients: StageClients, place: SystemPlace): Promise<readonly QueueStatus[]> {
  const { system, deadLetterQueueUrl, onFailureQueueUrl } = place;
  return Promise.all([
    readQueue(clients, { system, queue: 'dead letters', url: deadLetterQueueUrl }),
    readQueue(clients, { system, queue: 'on-failure', url: onFailureQueueUrl }),
  ]);
}

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
