import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { PublishEffect } from '../core/effect.ts';
import type { CloudEvent } from '../core/event.ts';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import {
  type Clock,
  InvalidEventError,
  kinesisRecords,
  OversizeEventError,
  type Receipt,
  Sender,
  type SettingsInput,
  UndeliveredError,
} from '../producer/index.ts';
import { type AddressedEffect, type SendResult, TransientError } from '../runtime/ports.ts';
import { cloudEventOf } from './cloud-event.ts';

/**
 * One attempt at each record, since the runtime retries by itself, under its own deadline. Nothing lingers, since all effects are there at
 * once and in memory, which the buffer need not bound again. Records are as large as they can be, since what follows one that fails waits.
 */
const SETTINGS: SettingsInput = {
  lingerMs: 0,
  attempts: 1,
  paceShards: false,
  recordBytes: RECORD_LIMITS.bytes,
  recordEvents: RECORD_LIMITS.events,
  bufferEvents: 1_000_000,
  bufferBytes: Number.MAX_SAFE_INTEGER,
};

/** With these settings there is nothing to wait for but answers, and the client and the invocation's signal bound those. */
const NO_CLOCK: Clock = { now: () => 0, sleep: () => new Promise(() => undefined), random: () => 0 };

/** A publish effect on its way, with the place of its result. */
export interface Publication {
  readonly addressed: AddressedEffect;
  readonly effect: PublishEffect;
  readonly at: number;
}

/**
 * Publishes to one stream. Effects of one row to one receiver travel in one record, a CloudEvents batch, so that they arrive together and
 * in order; those that no record holds together follow one another. After a failure, the receiver's later records are not sent.
 */
export async function publishTo(
  client: KinesisClient,
  streamName: string,
  publications: readonly Publication[],
  results: SendResult[],
  signal: AbortSignal,
): Promise<void> {
  const sender = new Sender(kinesisRecords(client, streamName), { ...SETTINGS, clock: NO_CLOCK, signal });
  const groups = Map.groupBy(publications, ({ addressed, effect }) => JSON.stringify([addressed.key, effect.subject]));
  const sent = [...groups.values()].map((group) => sendGroup(sender, group, results));
  await Promise.all(sent);
  try {
    await sender.close();
  } catch (error) {
    // Each effect gets its own result from its receipt.
    if (!(error instanceof UndeliveredError)) throw error;
  }
  await Promise.all((await Promise.all(sent)).flat().map((parcel) => settle(parcel, results)));
}

/** What travels in one record. */
interface Parcel {
  readonly receipt: Receipt;
  readonly publications: readonly Publication[];
}

async function sendGroup(
  sender: Sender,
  publications: readonly Publication[],
  results: SendResult[],
): Promise<readonly Parcel[]> {
  try {
    return [{ receipt: await sender.sendTogether(publications.map(eventOf)), publications }];
  } catch (error) {
    if (!(error instanceof InvalidEventError || error instanceof OversizeEventError)) throw error;
    const good = publications.filter((one) => !isRefused(sender, one, results));
    if (good.length === 0) return [];
    // Too large together: they follow one another. Else the good ones still belong together.
    const parts = good.length === publications.length ? good.map((one) => [one]) : [good];
    return (await Promise.all(parts.map((part) => sendGroup(sender, part, results)))).flat();
  }
}

function isRefused(sender: Sender, publication: Publication, results: SendResult[]): boolean {
  const fault = sender.faultOf(eventOf(publication));
  if (fault !== undefined) results[publication.at] = { kind: 'refused', message: fault.message };
  return fault !== undefined;
}

const eventOf = ({ addressed, effect }: Publication): CloudEvent => cloudEventOf(addressed, effect);

async function settle({ receipt, publications }: Parcel, results: SendResult[]): Promise<void> {
  const result = await resultOf(receipt);
  for (const { at } of publications) results[at] = result;
}

/** Throws what would not pass, such as a missing permission, and the signal's reason. */
async function resultOf(receipt: Receipt): Promise<SendResult> {
  try {
    await receipt.delivered();
    return { kind: 'accepted' };
  } catch (error) {
    const failure = error instanceof UndeliveredError ? error.undelivered[0]?.failure : undefined;
    if (failure === undefined) throw error;
    const { kind, message, cause } = failure;
    if (kind === 'refused' || kind === 'aborted') throw cause;
    return new TransientError(`sink.${kind}`, message, { cause });
  }
}
