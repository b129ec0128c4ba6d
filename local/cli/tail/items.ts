import { type Catalogue, type EventDefinition, upcast } from '../../../lambdas/core/catalogue.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import type { StreamManifest } from '../../../lambdas/core/manifest.ts';
import type { Position } from '../../../lambdas/core/position.ts';
import type { Rejection } from '../../../lambdas/core/rejection.ts';
import { adapterOf } from '../../../lambdas/runtime/adapters/index.ts';
import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
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

/** A record whose schema the registry does not tell now. Processors wait for it; a tail goes on. */
export interface TailedUnread extends Place {
  readonly kind: 'unread';
  readonly cause: { readonly code: string; readonly message: string };
}

export type TailItem = TailedEvent | TailedRejection | TailedUnread;

/** What is in a record, by the decoder of the processors. */
export type DecodeItems = (record: TailedRecord, signal: AbortSignal) => Promise<readonly TailItem[]>;

/** @param formats read Avro and Protobuf. */
export function itemDecoder(
  stream: Pick<StreamManifest, 'name' | 'kplProducers' | 'adapter'>,
  catalogue: Catalogue,
  formats: Formats,
): DecodeItems {
  const settings: DecodeSettings = {
    stream: stream.name,
    catalogue,
    handled: new Set(catalogue.keys()),
    kplProducers: stream.kplProducers,
    futureToleranceMs: DEFAULTS.futureToleranceMs,
    // Arrival is Kinesis's: what a replay says of it is shown as part of the event.
    replayMode: false,
    ...(stream.adapter === undefined ? {} : { adapter: adapterOf(stream.adapter) }),
    formats,
  };
  return async ({ shardId: shard, record: { sequenceNumber: sequence, partitionKey, arrivalMs, data } }, signal) => {
    const record = { shard, sequence, partitionKey, arrivalMs, data };
    const { held, trouble } = await formats.prepare([record], signal);
    if (held.size > 0 && trouble !== undefined) {
      const position = { stream: stream.name, shard, sequence, index: 0 };
      return [{ kind: 'unread', cause: trouble, position, partitionKey, arrivalMs }];
    }
    const { items } = decodeRecord(record, settings);
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
