import type { Adapter } from './adapters/adapter.ts';
import type { Formats } from './decode/formats.ts';

/** How a runtime behaves under load and trouble. Durations in milliseconds. */
export interface RuntimeSettings {
  /** Logical name of the input stream. */
  readonly stream: string;
  readonly kplProducers: boolean;
  readonly replayMode: boolean;
  /** Positions in shards from which nothing arrived for longer are pruned. */
  readonly retentionHours: number;
  readonly futureToleranceMs: number;
  /** Requests to the store in flight at once. */
  readonly sockets: number;
  /**
   * Parts of the time that an invocation has: until `working`, events are folded and transient failures retried (45 s of 60 s); until
   * `closing`, the checkpoint is written or an attempt taken back. The rest is for answering.
   */
  readonly deadlines: { readonly working: number; readonly closing: number };
  /** Full-jitter backoff: a random time up to base × 2^round, at most the cap. */
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
  /** Version conflicts of a key in one invocation that are folded again at once; later ones back off. */
  readonly eagerConflicts: number;
  /** A batch is broken if the reducer throws on more than this share of at least so many events. */
  readonly broken: { readonly share: number; readonly atLeast: number };
  /** A record alone in its batch and older than this counts its attempts, and is rejected at the last one. */
  readonly crashes: { readonly afterMs: number; readonly attempts: number };
  /** Largest row in bytes. */
  readonly rowBytes: number;
  /** Makes CloudEvents of the stream's records. Absent: they are CloudEvents. */
  readonly adapter?: Adapter;
  /** Reads records that are no JSON. Absent: all are JSON. */
  readonly formats?: Formats;
}

/** The design's values; a stage sets what concerns its stream. */
export const DEFAULTS = {
  kplProducers: false,
  replayMode: false,
  retentionHours: 168,
  futureToleranceMs: 5 * 60_000,
  sockets: 50,
  deadlines: { working: 0.75, closing: 0.9 },
  backoff: { baseMs: 50, capMs: 5_000 },
  eagerConflicts: 3,
  broken: { share: 0.5, atLeast: 20 },
  crashes: { afterMs: 5 * 60_000, attempts: 3 },
  rowBytes: 400 * 1024,
} as const satisfies Omit<RuntimeSettings, 'stream'>;
