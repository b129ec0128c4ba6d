import * as z from 'zod';
import type { AdapterManifest } from '../../../lambdas/core/adapter.ts';
import { catalogueOf } from '../../../lambdas/core/catalogue.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { adapterOf } from '../../../lambdas/runtime/adapters/index.ts';
import {
  type Decoded,
  type DecodeSettings,
  decodeRecord,
  type RawRecord,
} from '../../../lambdas/runtime/decode/record.ts';
import { NOON_MS, recordOf, testEvent } from '../../support/events.ts';

const row = z.record(z.string(), z.unknown()).nullable();
const change = z.object({ before: row, after: row });
const any = { before: null, after: {} };

/** A catalogue of what the tests' streams carry. */
export const catalogue = catalogueOf([
  testEvent('click.made', z.looseObject({}), {}),
  testEvent('customer.registered', change, any),
  testEvent('customer.changed', change, any),
  testEvent('customer.left', change, any),
  testEvent('customer.found', change, any),
]);

export const CUSTOMERS = {
  created: 'customer.registered:1',
  updated: 'customer.changed:1',
  deleted: 'customer.left:1',
  read: 'customer.found:1',
} as const;

const settingsFor = (manifest: AdapterManifest): DecodeSettings => ({
  processor: 'test',
  stream: 'changes',
  catalogue,
  handled: new Set(catalogue.keys()),
  kplProducers: false,
  futureToleranceMs: 5 * 60_000,
  replayMode: false,
  adapter: adapterOf(manifest),
});

export type Place = Partial<Omit<RawRecord, 'data'>>;

/** What a stream with this adapter reads in bytes, or in anything else as JSON. */
export const read = (manifest: AdapterManifest, payload: unknown, place: Place = {}): readonly Decoded[] =>
  decodeRecord(recordOf(payload, { partitionKey: '7', arrivalMs: NOON_MS, ...place }), settingsFor(manifest)).items;

/** The one event that a record becomes. */
export function eventIn(manifest: AdapterManifest, payload: unknown, place: Place = {}): CloudEvent {
  const [item, more] = read(manifest, payload, place);
  if (item?.kind !== 'event' || more !== undefined) throw new Error(`Not one event, but ${JSON.stringify(item)}`);
  return item.incoming.event;
}

/** The one outcome of a record that becomes no event: `ignored`, or the code and the message of its rejection. */
export function outcomeOf(manifest: AdapterManifest, payload: unknown, place: Place = {}): string {
  const [item] = read(manifest, payload, place);
  if (item?.kind === 'rejected') return `${item.cause.code}: ${item.cause.message}`;
  return item?.kind ?? 'nothing';
}
