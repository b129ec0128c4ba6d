import type { Payload } from './payload.ts';
import type { RawRecord } from './record.ts';

/**
 * Reads records that are no JSON: Avro and Protobuf under the header of a schema registry. It stands behind this interface so that only
 * functions which read such records load what it takes (lambdas/runtime/formats).
 */
export interface Formats {
  /** Whether the bytes begin with the registry's header. */
  isFramed(data: Uint8Array): boolean;
  /** The value, as if it had been JSON, with the same bounds. Its schema must have been prepared. Throws Undecodable. */
  parse(data: Uint8Array): Payload;
  /** Looks up the schemas of a batch, before it is decoded. Never throws: records whose schema cannot be had now are held back. */
  prepare(records: readonly RawRecord[], signal: AbortSignal): Promise<Unready>;
}

/** Records that must wait, since the registry does not answer. */
export interface Unready {
  /** By index in the batch, with the partition keys of the events inside. */
  readonly held: ReadonlyMap<number, readonly string[]>;
  readonly trouble: { readonly code: string; readonly message: string } | undefined;
}
