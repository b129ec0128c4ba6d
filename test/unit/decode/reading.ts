import type { Incoming } from '../../../lambdas/core/fold.ts';
import type { RejectionCode } from '../../../lambdas/core/rejection.ts';
import {
  type Decoded,
  type DecodeSettings,
  decodeRecord,
  type RawRecord,
} from '../../../lambdas/runtime/decode/record.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { handled, itemAdded, pageViewed } from '../../../lambdas/systems/profiles/events.ts';
import { type EnvelopePart, eventOf, recordOf } from '../../support/events.ts';

export const settings: DecodeSettings = {
  processor: 'profiles',
  stream: 'shop',
  catalogue,
  handled: new Set(handled.map(({ type }) => type)),
  kplProducers: false,
  futureToleranceMs: 5 * 60_000,
  replayMode: false,
};

export const view = (envelope: EnvelopePart = {}) => eventOf(pageViewed, { productId: 'tea' }, envelope);
export const add = (envelope: EnvelopePart = {}) =>
  eventOf(itemAdded, { productId: 'tea', quantity: 1, unitPrice: 500, currency: 'USD' }, envelope);

/** A valid event with members of it replaced; `undefined` leaves one out. */
export const odd = (part: object): object => ({ ...view(), ...part });

export type Rejected = Extract<Decoded, { kind: 'rejected' }>;

/** What a record is read as: bytes, or anything else as JSON. */
export const read = (
  payload: unknown,
  place: Partial<Omit<RawRecord, 'data'>> = {},
  by: Partial<DecodeSettings> = {},
): readonly Decoded[] => decodeRecord(recordOf(payload, place), { ...settings, ...by }).items;

/** Per event: its id, `ignored`, or the code that it is rejected under. */
export const said = (items: readonly Decoded[]): readonly string[] =>
  items.map((item) =>
    item.kind === 'event' ? item.incoming.event.id : item.kind === 'rejected' ? item.cause.code : 'ignored',
  );

/** The one event of a record. */
export function eventIn(items: readonly Decoded[]): Incoming {
  const [item] = items;
  if (items.length !== 1 || item?.kind !== 'event') throw new Error(`Not one event, but ${said(items).join(', ')}`);
  return item.incoming;
}

/** The one rejection of a record, which must keep the very bytes of the record. */
export function rejectionOf(
  payload: unknown,
  place: Partial<Omit<RawRecord, 'data'>> = {},
  by: Partial<DecodeSettings> = {},
): Rejected {
  const record = recordOf(payload, place);
  const { items } = decodeRecord(record, { ...settings, ...by });
  const [item] = items;
  if (items.length !== 1 || item?.kind !== 'rejected')
    throw new Error(`Not one rejection, but ${said(items).join(', ')}`);
  expect(Buffer.compare(item.payload(), record.data)).toBe(0);
  return item;
}

export const codeOf = (payload: unknown, by: Partial<DecodeSettings> = {}): RejectionCode =>
  rejectionOf(payload, {}, by).cause.code;
