import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { World } from './world.ts';

/** A CloudEvent as producers in any language write it. */
export interface Event {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: object;
}

/** A record of the stream. */
export interface Entry {
  readonly key: string;
  readonly bytes: Uint8Array;
}

const SOURCE = 'urn:millrace:e2e';

/** What was paid is in minor units of US dollars. */
export const purchased = (user: string, id: string, total: number): Event => ({
  id,
  type: 'order.purchased',
  subject: user,
  data: { orderId: id, currency: 'USD', total, lines: [{ productId: 'mug', quantity: 1, unitPrice: total }] },
});

export const viewed = (user: string, id: string, productId: string): Event => ({
  id,
  type: 'page.viewed',
  subject: user,
  data: { productId },
});

export const added = (user: string, id: string, unitPrice: number): Event => ({
  id,
  type: 'cart.item-added',
  subject: user,
  data: { productId: 'mug', quantity: 2, unitPrice, currency: 'USD' },
});

/** The record of an event: under its subject, in the newest version of its type. */
export function entryOf(event: Event, key = event.subject): Entry {
  const version = event.type === 'cart.item-added' ? 2 : 1;
  const envelope = {
    specversion: '1.0',
    id: event.id,
    source: SOURCE,
    type: event.type,
    time: new Date().toISOString(),
    subject: event.subject,
    dataschema: `urn:millrace:${event.type}:${version}`,
    data: event.data,
  };
  return { key, bytes: Buffer.from(JSON.stringify(envelope)) };
}

/** Puts entries in their order, as long as no request fails in part. @throws if one does. */
export async function put({ clients, outputs, signal }: World, entries: readonly Entry[]): Promise<void> {
  const Records = entries.map(({ key, bytes }) => ({ PartitionKey: key, Data: bytes }));
  const command = new PutRecordsCommand({ StreamName: outputs.stream, Records });
  const answer = await clients.kinesis.send(command, { abortSignal: signal });
  if (!answer.FailedRecordCount) return;
  const refused = answer.Records?.find(({ ErrorCode }) => ErrorCode !== undefined);
  throw new Error(`PutRecords refused ${answer.FailedRecordCount} of ${entries.length} records: ${refused?.ErrorCode}`);
}

/** A row of the state table. */
export type Row = Readonly<Record<string, unknown>>;

/** A user's row, read consistently; undefined if there is none. */
export async function rowOf({ clients, outputs, signal }: World, user: string): Promise<Row | undefined> {
  const command = new GetCommand({ TableName: outputs.table, Key: { id: user }, ConsistentRead: true });
  return (await clients.documents.send(command, { abortSignal: signal })).Item;
}

/** An amount of US dollars in a map of currencies; 0 if there is none. */
export const dollars = (row: Row | undefined, attribute: string): number =>
  (row?.[attribute] as { readonly USD?: number } | undefined)?.USD ?? 0;
