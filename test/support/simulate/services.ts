import type { DeadLetter } from '../../../lambdas/runtime/ports.ts';
import type { Attempt } from './environment.ts';
import type { Lineage } from './lineage.ts';
import type { SimulatedStream } from './stream.ts';
import type { SimulatedTable } from './table.ts';

/** What one system's function uses, and leaves behind for the oracle. */
export interface Services {
  /** The system's name. */
  readonly name: string;
  /** Its input. */
  readonly stream: SimulatedStream;
  readonly lineage: Lineage;
  readonly table: SimulatedTable;
  /** In the order of arrival, repeats included. */
  readonly letters: DeadLetter[];
  readonly checkpoints: {
    /** Tokens. */
    readonly written: Set<string>;
    /** Attempts counted and not taken back, by sequence number. */
    readonly attempts: Map<string, Attempt[]>;
  };
  readonly sinks: Sinks;
  /** Identities of events on which broken code threw. */
  readonly brokenOn: Set<string>;
}

/** Where effects that are no events end up. */
export interface Sinks {
  /** Bodies of messages, in the order of arrival, repeats included. */
  readonly messages: { readonly queue: string; readonly body: string }[];
  /** Writes of rows that were accepted or found to be done already. */
  readonly writes: RowWrite[];
  /** Rows by `table/key`, as the conditions left them. */
  readonly rows: Map<string, Readonly<Record<string, unknown>>>;
}

export interface RowWrite {
  readonly table: string;
  readonly item: Readonly<Record<string, unknown>>;
  readonly condition: string;
}
