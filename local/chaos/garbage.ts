import { gzipSync } from 'node:zlib';
import { dataSchemaOf } from '../../lambdas/core/event.ts';
import type { RejectionCode } from '../../lambdas/core/rejection.ts';
import { itemAdded, type ShopEvent } from '../../lambdas/systems/profiles/events.ts';
import type { Meaning } from './load.ts';

interface Garbage {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly meaning: Meaning & { readonly kind: 'rejected' };
}

type Spoil = (event: ShopEvent) => { readonly code: RejectionCode; readonly data: Uint8Array; readonly key?: string };

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** What a producer may get wrong, one kind for each way in which a record is rejected before its key is known, and after. */
const KINDS: readonly Spoil[] = [
  (event) => ({ code: 'record.not-json', data: json(event).subarray(0, -1) }),
  (event) => ({ code: 'record.gzip-corrupt', data: gzipSync(json(event)).subarray(0, -4) }),
  (event) => ({ code: 'event.invalid-envelope', data: json({ ...event, specversion: '0.3' }) }),
  (event) => ({ code: 'event.unknown-type', data: json({ ...event, type: 'cart.item-admired' }) }),
  (event) => ({ code: 'event.misrouted', data: json(event), key: `not-${event.subject}` }),
  (event) => ({ code: 'event.from-future', data: json({ ...event, time: '2999-01-01T00:00:00Z' }) }),
  (event) => ({
    code: 'event.invalid-data',
    data: json({
      ...event,
      type: itemAdded.type,
      dataschema: dataSchemaOf(itemAdded.type, 2),
      data: { productId: 'a', quantity: -1 },
    }),
  }),
];

/** The n-th piece of garbage, made of an event, under an id of its own: no two have the same bytes. */
export function garbage(event: ShopEvent, nth: number): Garbage {
  const spoil = KINDS[nth % KINDS.length] as Spoil;
  const { code, data, key = event.subject } = spoil({ ...event, id: `garbage-${nth}` });
  return { partitionKey: key, data, meaning: { kind: 'rejected', code } };
}
