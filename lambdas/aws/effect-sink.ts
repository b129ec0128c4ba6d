import type { AlertEffect, RowEffect } from '../core/effect.ts';
import { itemSize, MAX_ITEM_BYTES } from '../core/item-size.ts';
import { EFFECT_ROW_ATTRIBUTES as NAMES } from '../core/names.ts';
import type { PutRecords } from '../producer/index.ts';
import { eachLimit } from '../runtime/attempt.ts';
import { type AddressedEffect, type EffectSink, type SendResult, TransientError } from '../runtime/ports.ts';
import { effectTraceparent } from '../runtime/trace-context.ts';
import { type PlainItem, toWire } from './attribute-values.ts';
import type { DynamoDb, Operations } from './dynamodb.ts';
import { transientOf } from './errors.ts';
import { type Publication, publishTo } from './kinesis-publisher.ts';
import { MESSAGE_BYTES, type SendBatch, sendMessages } from './sqs-batch.ts';

const PORT = 'sink';

export interface SinkClients {
  readonly putRecordsTo: (streamName: string) => PutRecords;
  readonly sendBatch: SendBatch;
  readonly dynamodb: DynamoDb;
}

/** Where effects go: physical names by logical ones. Throws an Error that names the variable to set if one is unknown. */
export interface Destinations {
  stream(logicalName: string): string;
  queueUrl(logicalName: string): string;
  table(logicalName: string): string;
}

/** Sends publish effects to Kinesis, alerts to SQS and row effects to DynamoDB. */
export function awsEffectSink(clients: SinkClients, destinations: Destinations, sockets: number): EffectSink {
  return {
    send: async (effects, signal) => {
      const results: SendResult[] = [];
      const { publications, alerts, rows } = byKind(effects);
      const work: (() => Promise<void>)[] = [];
      for (const [stream, group] of publications) {
        work.push(() => publishTo(clients.putRecordsTo(destinations.stream(stream)), group, results, signal));
      }
      for (const [queue, group] of alerts) {
        work.push(() => sendAlerts(clients.sendBatch, destinations.queueUrl(queue), group, results, signal));
      }
      for (const group of rows.values()) {
        work.push(() => putRows(clients.dynamodb, destinations, group, results, signal));
      }
      await eachLimit(work, sockets, (send) => send());
      return effects.map((_, at) => results[at] ?? new TransientError('sink.unavailable', 'The effect was not sent'));
    },
  };
}

interface Alert {
  readonly addressed: AddressedEffect;
  readonly effect: AlertEffect;
  readonly at: number;
}

interface RowWrite {
  readonly addressed: AddressedEffect;
  readonly effect: RowEffect;
  readonly at: number;
}

function byKind(effects: readonly AddressedEffect[]): {
  publications: ReadonlyMap<string, readonly Publication[]>;
  alerts: ReadonlyMap<string, readonly Alert[]>;
  rows: ReadonlyMap<string, readonly RowWrite[]>;
} {
  const publications = new Map<string, Publication[]>();
  const alerts = new Map<string, Alert[]>();
  const rows = new Map<string, RowWrite[]>();
  effects.forEach((addressed, at) => {
    const { effect } = addressed;
    if (effect.kind === 'publish') push(publications, effect.stream, { addressed, effect, at });
    else if (effect.kind === 'alert') push(alerts, effect.queue, { addressed, effect, at });
    else push(rows, `${effect.table}/${effect.key}`, { addressed, effect, at });
  });
  return { publications, alerts, rows };
}

function push<T>(groups: Map<string, T[]>, name: string, member: T): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [member]);
  else group.push(member);
}

async function sendAlerts(
  send: SendBatch,
  queueUrl: string,
  alerts: readonly Alert[],
  results: SendResult[],
  signal: AbortSignal,
): Promise<void> {
  const messages: { at: number; body: string }[] = [];
  for (const { addressed, effect, at } of alerts) {
    const { id, processor, key, cause } = addressed;
    const traceparent = effectTraceparent(cause, id);
    const { reason, data } = effect;
    const body = JSON.stringify({ id, processor, key, reason, causedBy: cause, traceparent, data });
    if (Buffer.byteLength(body) <= MESSAGE_BYTES) messages.push({ at, body });
    else
      results[at] = { kind: 'refused', message: `The alert is larger than an SQS message of ${MESSAGE_BYTES} bytes` };
  }
  const bodies = messages.map(({ body }) => body);
  const sent = await sendMessages(send, queueUrl, PORT, bodies, signal);
  messages.forEach(({ at }, nth) => {
    results[at] = sent[nth] ?? { kind: 'accepted' };
  });
}

/** Writes of one row follow one another; after one that did not get through, the later ones wait. */
async function putRows(
  call: DynamoDb,
  destinations: Destinations,
  writes: readonly RowWrite[],
  results: SendResult[],
  signal: AbortSignal,
): Promise<void> {
  for (const [nth, write] of writes.entries()) {
    const { effect, at } = write;
    const item = itemOf(write);
    if (itemSize(item) > MAX_ITEM_BYTES) {
      results[at] = { kind: 'refused', message: `The row is larger than an item of ${MAX_ITEM_BYTES} bytes` };
      continue;
    }
    try {
      const condition = effect.write.when === 'once' ? ABSENT : absentOrLower(effect.write.version);
      await call('PutItem', { TableName: destinations.table(effect.table), Item: toWire(item), ...condition }, signal);
      results[at] = { kind: 'accepted' };
    } catch (error) {
      // The row is there already, or there is a newer one: what the effect wants is so.
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') {
        results[at] = { kind: 'accepted' };
        continue;
      }
      const transient = transientOf(PORT, error);
      if (transient === undefined) throw error;
      for (const later of writes.slice(nth)) results[later.at] = transient;
      return;
    }
  }
}

/** The row that an effect writes: what it gives, and whence it comes. */
function itemOf({ addressed: { id, cause }, effect: { key, write, attributes } }: RowWrite): PlainItem {
  return {
    ...attributes,
    [NAMES.key]: key,
    ...(write.when === 'newer' ? { [NAMES.version]: write.version } : {}),
    [NAMES.traceparent]: effectTraceparent(cause, id),
    [NAMES.cause]: cause.id,
  };
}

const ABSENT = {
  ConditionExpression: 'attribute_not_exists(#id)',
  ExpressionAttributeNames: { '#id': NAMES.key },
};

const absentOrLower = (version: number): Omit<Operations['PutItem']['input'], 'TableName' | 'Item'> => ({
  ConditionExpression: `${ABSENT.ConditionExpression} OR #version < :version`,
  ExpressionAttributeNames: { ...ABSENT.ExpressionAttributeNames, '#version': NAMES.version },
  ExpressionAttributeValues: toWire({ ':version': version }),
});
