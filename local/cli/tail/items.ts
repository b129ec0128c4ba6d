import { type Catalogue, type EventDefinition, upcast } from '../../../lambdas/core/catalogue.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import type { Position } from '../../../lambdas/core/position.ts';
import type { Rejection } from '../../../lambdas/core/rejection.ts';
import { type Decoded, type DecodeSettings, decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import type { TailedRecord } from './reader.ts';

interface Place {
  readonly position: Position;
  readonly partitionKey: string;
  /** Epoch milliseconds. */
  readonly arrivalMs: number;
}

/** An event of the stream, as it came. */
export interface TailedEvent extends Place {
  readonly kind: 'event';
  readonly event: CloudEvent;
  readonly definition: EventDefinition;
  readonly version: number;
}

/** What processors of the stream would reject, with their reason. */
export interface TailedRejection extends Place {
  readonly kind: 'rejected';
  readonly cause: Rejection;
  readonly payload: () => Uint8Array;
}

export type TailItem = TailedEvent | TailedRejection;

/** What is in a record, by the decoder of the processors. */
export type DecodeItems = (record: TailedRecord) => readonly TailItem[];

export function itemDecoder(
  stream: { readonly name: string; readonly kplProducers: boolean },
  catalogue: Catalogue,
): DecodeItems {
  const settings: DecodeSettings = {
    stream: stream.name,
    catalogue,
    handled: new Set(catalogue.keys()),
    kplProducers: stream.kplProducers,
    futureToleranceMs: DEFAULTS.futureToleranceMs,
    // Arrival is Kinesis's: what a replay says of it is shown as part of the event.
    replayMode: false,
  };
  return ({ shardId: shard, record: { sequenceNumber: sequence, partitionKey, arrivalMs, data } }) => {
    const { items } = decodeRecord({ shard, sequence, partitionKey, arrivalMs, data }, settings);
    return items.flatMap((item) => itemOf(item, { partitionKey, arrivalMs }));
  };
}

function itemOf(item: Decoded, place: Omit<Place, 'position'>): readonly TailItem[] {
  if (item.kind === 'event') {
    const { event, definition, version, position } = item.incoming;
    return [{ kind: 'event', event, definition, version, position, ...place }];
  }
  if (item.kind === 'ignored') return [];
  const { position, cause, payload } = item;
  return [{ kind: 'rejected', cause, payload, position, ...place }];
}

/** The data as of the type's newest version, or undefined if an upcaster throws, for which processors reject the event. */
export function newestData({ event, definition, version }: TailedEvent): { readonly data: unknown } | undefined {
  try {
    return { data: upcast(definition, version, event.data) };
  } catch {
    return undefined;
  }
}
