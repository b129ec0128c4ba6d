import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Cloud } from '../../cloud.ts';
import { type Highlight, Highlights } from '../profiles/highlights.ts';
import { foundProfile } from '../profiles/model.ts';
import { allItems } from '../profiles/queries.ts';
import type { SendReport } from '../send/send.ts';
import type { ProfilesSystem } from './system.ts';
import { deadLetterCount, freshnessOf, settledOf, type Tally, tallyOf } from './tally.ts';

/** What a run did, each number from where it can be seen: the sender, the processor's metrics, the table, its endpoint and the queue. */
export interface Outcome {
  readonly sent: number;
  /** Events of the input that could not be sent. */
  readonly notSent: number;
  readonly tally: Tally;
  /** Items in the state table. */
  readonly rows: number;
  /** Puts that the state table accepted, counted at its endpoint. */
  readonly puts: number;
  readonly writeUnits: { readonly base: number; readonly indexes: number; readonly checkpoints: number };
  readonly freshnessMs: { readonly p50: number | undefined; readonly p99: number | undefined };
  readonly elapsedMs: number;
  readonly highlights: readonly Highlight[];
  /** What does not add up, in sentences; empty if all is well. */
  readonly contradictions: readonly string[];
}

/** Measures a drained cloud. */
export async function measure(
  cloud: Cloud,
  system: ProfilesSystem,
  sending: SendReport & { readonly notSent: number },
  startedMs: number,
): Promise<Outcome> {
  const elapsedMs = Date.now() - startedMs;
  const tally = tallyOf(cloud.metrics);
  const state = cloud.tableCounts(system.table);
  const highlights = new Highlights();
  let rows = 0;
  for await (const item of allItems({ client: cloud.clients.documents, name: system.table })) {
    highlights.add(foundProfile(item));
    rows += 1;
  }
  return {
    sent: sending.accepted,
    notSent: sending.notSent,
    tally,
    rows,
    puts: state.puts,
    writeUnits: {
      base: state.writeUnits - state.indexWriteUnits,
      indexes: state.indexWriteUnits,
      checkpoints: cloud.tableCounts(system.checkpointTable).writeUnits,
    },
    freshnessMs: freshnessOf(cloud.metrics),
    elapsedMs,
    highlights: highlights.chosen(),
    contradictions: [
      ...accountingOf(sending, tally),
      ...queueOf(tally, await messagesIn(cloud, system.deadLetterQueueUrl)),
    ],
  };
}

/**
 * Every event that was sent must have one outcome. A record whose answer was lost may be in the stream twice, and what was ignored or
 * rejected is counted at each delivery, so only those may make it more.
 */
export function accountingOf({ accepted, repeated }: SendReport, tally: Tally): readonly string[] {
  const settled = settledOf(tally);
  const again = tally.redelivered > 0 ? tally.ignored + deadLetterCount(tally) : 0;
  if (settled >= accepted && settled <= accepted + repeated + again) return [];
  const parts = `${tally.applied} applied, ${tally.duplicates} duplicates, ${deadLetterCount(tally)} dead letters, ${tally.ignored} ignored`;
  return [
    `${accepted} events were sent, but ${settled} have an outcome (${parts}; ${tally.redelivered} were delivered more than once)`,
  ];
}

/** Each dead letter that the processor counts must be in its queue. */
export function queueOf(tally: Tally, messages: number): readonly string[] {
  const counted = deadLetterCount(tally);
  return counted === messages ? [] : [`${counted} dead letters were counted, but the queue holds ${messages}`];
}

async function messagesIn(cloud: Cloud, queueUrl: string): Promise<number> {
  const answer = await cloud.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(answer.Attributes?.ApproximateNumberOfMessages);
}
