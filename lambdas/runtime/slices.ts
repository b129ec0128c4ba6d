import type { Context } from './context.ts';
import { DECODE_LIMITS } from './decode/limits.ts';
import { type DecodeSettings, decodeRecord, type RawRecord } from './decode/record.ts';
import { letterId } from './identity.ts';
import type { LaneItem } from './lane.ts';
import type { Reject } from './rejects.ts';

/** Part of a batch, decoded. Nearly always the whole: only what expands far beyond its bytes is cut, to bound memory. */
export interface Slice {
  readonly items: readonly (LaneItem & { readonly key: string })[];
  readonly rejects: readonly Reject[];
}

/** Decodes the records in order, as many at a time as the bound of decoded bytes allows. Those that are held are left out. */
export function* slicesOf(
  context: Context,
  records: readonly RawRecord[],
  settings: DecodeSettings,
  held: ReadonlyMap<number, unknown>,
): Generator<Slice, void, undefined> {
  let slice = { items: [] as (LaneItem & { key: string })[], rejects: [] as Reject[] };
  let bytes = 0;
  for (const [record, raw] of records.entries()) {
    if (held.has(record)) continue;
    const decoded = decodeRecord(raw, settings);
    if (bytes > 0 && bytes + decoded.bytes > DECODE_LIMITS.sliceBytes) {
      yield slice;
      slice = { items: [], rejects: [] };
      bytes = 0;
    }
    bytes += decoded.bytes;
    for (const item of decoded.items) {
      if (item.kind === 'ignored') context.tally.add('ignored');
      else if (item.kind === 'event') {
        slice.items.push({ key: item.key, incoming: item.incoming, payload: item.payload, record });
      } else {
        const letter = {
          id: letterId(context.processor.name, item.position),
          processor: context.processor.name,
          cause: item.cause,
          position: item.position,
          arrivalMs: raw.arrivalMs,
          partitionKey: raw.partitionKey,
          payload: item.payload(),
        };
        slice.rejects.push({ letter, record, kept: false, trouble: undefined });
      }
    }
  }
  if (slice.items.length > 0 || slice.rejects.length > 0) yield slice;
}
