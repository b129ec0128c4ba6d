import { Duration } from 'aws-cdk-lib';
import type { AlarmSpecs, ProcessorAlarmsProps } from '../processor-alarms.ts';
import { mappingMetric, oldestMessage, processorMetric, waitingMessages } from '../processor-metrics.ts';

/** For how long queues of dead letters keep messages (see ParkingQueue). */
const QUEUE_KEEPS = Duration.days(14);
/** What is left of that when somebody is woken. */
const REPAIR_TIME = Duration.days(4);

/** What is not in its row, and where it waits. */
export function rejections({ processor, deadLetterQueue, onFailureQueue }: ProcessorAlarmsProps): AlarmSpecs {
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

/** What waits for a person, and for how long it still can. */
export function waiting({ processor, deadLetterQueue, onFailureQueue }: ProcessorAlarmsProps): AlarmSpecs {
  const { systemName: name, source } = processor;
  const days = QUEUE_KEEPS.toDays() - REPAIR_TIME.toDays();
  const hours = hoursToFetch(source.retention);
  return {
    DeadLetterAge: {
      metric: oldestMessage(deadLetterQueue),
      when: { above: Duration.days(days).toSeconds() },
      minutes: { breaching: 1, of: 1 },
      silence: 'healthy',
      meaning: `Events that ${name} rejected have waited for more than ${days} days; ${REPAIR_TIME.toDays()} days later SQS deletes them for good.`,
      first: 'redrive what can be repaired and save the rest: millrace redrive lists it by reason.',
    },
    OnFailureAge: {
      metric: oldestMessage(onFailureQueue),
      when: { above: hours * 3600 },
      minutes: { breaching: 1, of: 1 },
      silence: 'healthy',
      meaning: `Records of ${name} that Lambda discarded have waited for more than ${hours} hours; the messages hold no payload, and the stream deletes it after ${source.retention.toHours()} hours.`,
      first: "redrive them now, or raise the stream's retention first (at once and without risk).",
    },
    ClockSkew: {
      metric: processorMetric(processor, 'fromFuture'),
      when: { above: 0 },
      minutes: { breaching: 3, of: 15 },
      silence: 'healthy',
      meaning: `A producer of ${name} has a clock that is minutes ahead: its events are rejected, and their users' rows lack them.`,
      first: 'find the producer by the source of the dead letters with reason event.from-future, and set its clock.',
    },
  };
}

/** A day before the stream deletes the records, and before SQS deletes the message; with a short retention half of it. */
function hoursToFetch(retention: Duration): number {
  const hours = retention.toHours();
  return Math.min(Math.max(hours - 24, hours / 2), QUEUE_KEEPS.toHours() - 24);
}
