import type { PublishEffect } from '../core/effect.ts';
import type { CloudEvent } from '../core/event.ts';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import {
  type Clock,
  InvalidEventError,
  OversizeEventError,
  type PutRecords,
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
  putRecords: PutRecords,
  publications: readonly Publication[],
  results: SendResult[],
  signal: AbortSignal,
): Promise<void> {
  const sender = new Sender(putRecords, { ...SETTINGS, clock: NO_CLOCK, signal });
  const parcels: Parcel[] = [];
  for (const group of routesOf(publications)) sendGroup(sender, group, results, parcels);
  try {
    await sender.close();
  } catch (error) {
    // Each effect gets its own result from its receipt.
    if (!(error instanceof UndeliveredError)) throw error;
  }
  for (const { receipt, publications } of parcels) {
    const result = resultOf(receipt);
    for (const { at } of publications) results[at] = result;
  }
}

/** What goes from one row to one receiver, in order. */
function routesOf(publications: readonly Publication[]): Iterable<readonly Publication[]> {
  const routes = new Map<string, Publication[]>();
  for (const publication of publications) {
    const { key } = publication.addressed;
    // The length keeps two pairs of texts apart that are the same one after the other.
    const name = `${key.length} ${key}${publication.effect.subject}`;
    const route = routes.get(name);
    if (route === undefined) routes.set(name, [publication]);
    else route.push(publication);
  }
  return routes.values();
}

/** What travels in one record. */
interface Parcel {
  readonly receipt: Receipt;
  readonly publications: readonly Publication[];
}

function sendGroup(
  sender: Sender,
  publications: readonly Publication[],
  results: SendResult[],
  parcels: Parcel[],
): void {
  try {
    const receipt = sender.offerTogether(publications.map(eventOf));
    if (receipt === undefined) throw new RangeError(`No batch has ${SETTINGS.bufferEvents} effects`);
    parcels.push({ receipt, publications });
  } catch (error) {
    if (!(error instanceof InvalidEventError || error instanceof OversizeEventError)) throw error;
    const good = publications.filter((one) => !isRefused(sender, one, results));
    if (good.length === 0) return;
    // Too large together: they follow one another. Else the good ones still belong together.
    const parts = good.length === publications.length ? good.map((one) => [one]) : [good];
    for (const part of parts) sendGroup(sender, part, results, parcels);
  }
}

function isRefused(sender: Sender, publication: Publication, results: SendResult[]): boolean {
  const fault = sender.faultOf(eventOf(publication));
  if (fault !== undefined) results[publication.at] = { kind: 'refused', message: fault.message };
  return fault !== undefined;
}

const eventOf = ({ addressed, effect }: Publication): CloudEvent => cloudEventOf(addressed, effect);

/** Throws what would not pass, such as a missing permission, and the signal's reason. */
function resultOf({ outcome }: Receipt): SendResult {
  if (outcome === undefined) throw new Error('A closed sender must have settled all that it accepted');
  if (outcome.kind === 'delivered') return ACCEPTED;
  const { kind, message, cause } = outcome.failure;
  if (kind === 'refused' || kind === 'aborted') throw cause;
  return new TransientError(`sink.${kind}`, message, { cause });
}

const ACCEPTED: SendResult = { kind: 'accepted' };
