import type { AdapterManifest } from './adapter.ts';

/**
 * What infrastructure must know of a system, and all it may import from `lambdas/`: plain data, no code, no schemas.
 * A new system is one folder with a `system.ts` that exports a manifest, and one line in `lambdas/systems/registry.ts`.
 */
export interface SystemManifest {
  /** Kebab-case, unique: `profiles`. Names constructs, metrics and the dashboard. */
  readonly name: string;
  /** One sentence for people: what its rows are. */
  readonly description: string;
  /** The handler's source file, from the project's root; it exports `handler`. */
  readonly entry: string;
  /** Logical name of the stream that it reads. Several systems may read one stream. */
  readonly inputStream: string;
  /** Logical names of the streams that its `publish` effects go to. */
  readonly outputStreams: readonly string[];
  /** Logical names of the queues that its `alert` effects go to. */
  readonly alertQueues: readonly string[];
  /** How it recognises producers' repeats (design, section 1). */
  readonly deduplication: 'recent';
  /** Indexes of its state table for analysts. */
  readonly indexes: readonly IndexManifest[];
  /** Attributes of its rows that the analysts' policy names. Absent: it has no such policy. */
  readonly analysts?: {
    /** What tells nothing of a single person by itself. */
    readonly attributes: readonly string[];
    /** What does: readable only in stages whose settings say so, as is the key of rows in indexes. */
    readonly personal: readonly string[];
  };
  /** Its routes in the REST API. Absent: it has none. */
  readonly routes?: readonly RouteManifest[];
}

/** A route of the REST API, always a GET. What it answers is in the system's `view.ts`. */
export interface RouteManifest {
  /** With parameters in braces: `/profiles/{id}`. */
  readonly path: string;
  /** The index that it reads; absent if it reads a row by its key. The API may read no other. */
  readonly index?: string;
}

/** A global secondary index for analysts: write-sharded, projecting only what is named. */
export interface IndexManifest {
  readonly name: string;
  /** Attribute with the sharded band, such as `segment#07`; never a raw low-cardinality value, which would be a hot partition. */
  readonly partitionKey: string;
  readonly sortKey: { readonly name: string; readonly type: 'string' | 'number' };
  /** Non-key attributes to project. Every put that changes one costs an index write. */
  readonly projected: readonly string[];
  /** Number of shards of each band. */
  readonly shards: number;
}

/** A stream of the catalogue. */
export interface StreamManifest {
  /** Kebab-case logical name. */
  readonly name: string;
  readonly description: string;
  /** True if producers aggregate with the Kinesis Producer Library: consumers then keep a parallelization factor of 1. */
  readonly kplProducers: boolean;
  /** How records become CloudEvents. Absent: they are CloudEvents. */
  readonly adapter?: AdapterManifest;
}
