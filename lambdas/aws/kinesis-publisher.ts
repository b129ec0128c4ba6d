import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import type { PublishEffect } from '../core/effect.ts';
import { type AddressedEffect, type SendResult, TransientError } from '../runtime/ports.ts';
import { cloudEventOf } from './cloud-event.ts';
import { transientCode, transientOf } from './errors.ts';

const PORT = 'sink';
/** PutRecords takes 500 records; its bytes are kept well below the service's bound, since a large request only fails as a whole. */
const MOST_RECORDS = 500;
const MOST_BYTES = 4 * 1024 * 1024;
/** A record's data and partition key together. */
const RECORD_BYTES = 1024 * 1024;

/** A publish effect on its way, with the place of its result. */
export interface Publication {
  readonly addressed: AddressedEffect;
  readonly effect: PublishEffect;
  readonly at: number;
}

/** Several effects of one sender to one receiver, in one record. */
interface Packet {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly publications: readonly Publication[];
}

/**
 * Publishes to one stream. Effects of one row to one receiver travel in one record, a CloudEvents batch, so that they arrive together and
 * in order. A call holds at most one record of a partition key, since a partial failure does not stop later records; after a failure, the
 * receiver's later records are not sent.
 */
export async function publishTo(
  client: KinesisClient,
  streamName: string,
  publications: readonly Publication[],
  results: SendResult[],
  signal: AbortSignal,
): Promise<void> {
  const queues = new Map<string, Packet[]>();
  for (const packet of packetsOf(publications, results)) {
    const queue = queues.get(packet.partitionKey);
    if (queue === undefined) queues.set(packet.partitionKey, [packet]);
    else queue.push(packet);
  }
  while (queues.size > 0) {
    const call = nextCall(queues);
    const answers = await putRecords(client, streamName, call, signal);
    call.forEach((packet, nth) => {
      const answer =
        answers[nth] ?? new TransientError('sink.unavailable', 'Kinesis left the record out of its answer');
      settle([packet], answer, results);
      const queue = queues.get(packet.partitionKey) ?? [];
      queue.shift();
      if (answer instanceof TransientError) settle(queue, answer, results);
      if (answer instanceof TransientError || queue.length === 0) queues.delete(packet.partitionKey);
    });
  }
}

function settle(packets: readonly Packet[], result: SendResult, results: SendResult[]): void {
  for (const { publications } of packets) for (const { at } of publications) results[at] = result;
}

/** The first packet of as many partition keys as one call takes. */
function nextCall(queues: ReadonlyMap<string, readonly Packet[]>): readonly Packet[] {
  const call: Packet[] = [];
  let bytes = 0;
  for (const [first] of queues.values()) {
    if (first === undefined) continue;
    bytes += first.data.length;
    if (call.length > 0 && (call.length === MOST_RECORDS || bytes > MOST_BYTES)) break;
    call.push(first);
  }
  return call;
}

async function putRecords(
  client: KinesisClient,
  streamName: string,
  packets: readonly Packet[],
  signal: AbortSignal,
): Promise<readonly SendResult[]> {
  const Records: PutRecordsRequestEntry[] = packets.map(({ partitionKey, data }) => ({
    PartitionKey: partitionKey,
    Data: data,
  }));
  try {
    const answer = await client.send(new PutRecordsCommand({ StreamName: streamName, Records }), {
      abortSignal: signal,
    });
    return (answer.Records ?? []).map(({ ErrorCode, ErrorMessage }) =>
      ErrorCode === undefined ? { kind: 'accepted' } : transientCode(PORT, ErrorCode, ErrorMessage),
    );
  } catch (error) {
    const transient = transientOf(PORT, error);
    if (transient === undefined) throw error;
    return packets.map(() => transient);
  }
}

/** Packs the effects of one row to one receiver together, as many as a record holds; refuses what no record holds. */
function packetsOf(publications: readonly Publication[], results: SendResult[]): readonly Packet[] {
  const groups = new Map<string, { publication: Publication; json: string }[]>();
  for (const publication of publications) {
    const { addressed, effect, at } = publication;
    const json = JSON.stringify(cloudEventOf(addressed, effect));
    if (Buffer.byteLength(json) + Buffer.byteLength(effect.subject) > RECORD_BYTES) {
      results[at] = { kind: 'refused', message: 'The event is larger than a Kinesis record of 1 MiB' };
      continue;
    }
    const group = JSON.stringify([addressed.key, effect.subject]);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [{ publication, json }]);
    else members.push({ publication, json });
  }
  return [...groups.values()].flatMap(pack);
}

function pack(members: readonly { publication: Publication; json: string }[]): readonly Packet[] {
  const packets: Packet[] = [];
  let batch: { publication: Publication; json: string }[] = [];
  const close = (): void => {
    const [first] = batch;
    if (first === undefined) return;
    const text = batch.length === 1 ? first.json : `[${batch.map(({ json }) => json).join(',')}]`;
    const publications = batch.map(({ publication }) => publication);
    packets.push({ partitionKey: first.publication.effect.subject, data: Buffer.from(text), publications });
    batch = [];
  };
  let bytes = 0;
  for (const member of members) {
    const size = Buffer.byteLength(member.json) + 1;
    if (batch.length > 0 && bytes + size > RECORD_BYTES - 1024) {
      close();
      bytes = 0;
    }
    batch.push(member);
    bytes += size;
  }
  close();
  return packets;
}
