import type { KinesisStreamEvent } from 'aws-lambda';
import type { MetricDatum, OnFailureDocument, ReadPosition } from './protocol.ts';
import type { InvokeResult, Shard, StreamRecord } from './types.ts';

/** What a read of a shard brought. */
export interface ReadResult {
  /** In sequence order, at most as many as asked for. */
  readonly records: readonly StreamRecord[];
  readonly millisBehindLatest: number;
  /** The shard is closed and these were its last records. */
  readonly exhausted: boolean;
}

/** A stream's shards. A rejected promise is a passing fault: the engine backs off and asks again. */
export interface ShardSource {
  /** The whole list, closed shards included, with the parents of each. */
  listShards(signal: AbortSignal): Promise<readonly Shard[]>;
  /** Reads at most `limit` records that follow `from`, none of them skipped. */
  read(shardId: string, from: ReadPosition, limit: number, signal: AbortSignal): Promise<ReadResult>;
}

/** The edges of a poller. */
export interface PollerPorts {
  readonly source: ShardSource;
  /** Invokes the function. What the function does wrong is a result; a rejected promise means that it did not run: a throttle. */
  invoke(event: KinesisStreamEvent, signal: AbortSignal): Promise<InvokeResult>;
  /** Resolves once the destination has the document for good; if it rejects, the same document is delivered again later. */
  deliverOnFailure(document: OnFailureDocument, signal: AbortSignal): Promise<void>;
  /** Takes the metrics of one step. */
  metrics?(data: readonly MetricDatum[]): void;
  /** Takes what went wrong at a port. */
  log(event: PollerEvent): void;
}

export type PollerEvent =
  /** A port failed; the poller goes on and tries again. */
  | {
      readonly kind: 'port-failed';
      readonly port: 'list-shards' | 'read' | 'invoke' | 'deliver' | 'metrics';
      readonly shardId?: string;
      readonly error: unknown;
    }
  /** The engine refused what a port gave, such as records out of order; the poller has stopped. */
  | { readonly kind: 'stopped-by-error'; readonly error: unknown };

/** Time, for a poller: the machine's or a virtual one. */
export interface Clock {
  /** Epoch milliseconds; never goes backwards. */
  now(): number;
  /** Calls back once, at or after that time. @returns what cancels it. */
  at(timeMs: number, callback: () => void): () => void;
}

/** Beyond it, setTimeout fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock, held still where the machine sets its own back. A timer does not keep the process alive. */
export function systemClock(): Clock {
  let lastMs = 0;
  return {
    now() {
      lastMs = Math.max(lastMs, Date.now());
      return lastMs;
    },
    at(timeMs, callback) {
      const timer = setTimeout(callback, Math.min(LONGEST_TIMER_MS, Math.max(0, timeMs - Date.now())));
      return () => clearTimeout(timer);
    },
  };
}
