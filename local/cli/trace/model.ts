import type { TraceContext } from '../../../lambdas/runtime/trace-context.ts';
import type { Section } from '../status/model.ts';
import type { Sighting } from './scan.ts';

/** What a row knows of an event. */
export interface RowTrace {
  readonly version: number;
  readonly epoch: string;
  /** Whether its id is among the row's. If not, `idsReachTo` says how far back that means something. */
  readonly knowsId: boolean;
  /** Arrival of the oldest event whose id is certainly among the row's, RFC 3339; absent if none was ever forgotten. */
  readonly idsReachTo?: string;
  /** Whether the row has passed the event's position: it was applied, rejected or discarded by then. */
  readonly passed: boolean;
  /** Effects of the last commit: none, known to be sent, or to be sent again before the next one. */
  readonly outbox: 'empty' | 'settled' | 'unsettled';
}

/** A message that waits in a queue of the system. */
export interface ParkedTrace {
  readonly queue: 'dead-letters' | 'on-failure';
  /** The letter's code, or Lambda's condition. */
  readonly reason: string;
  /** The letter's id; of a discarded batch, its range. */
  readonly name: string;
  readonly message: string;
}

/** An event that the processor published, and the hop that it makes. */
export interface EffectTrace {
  /** Of the event itself, or of the commit that folded it together with later ones. */
  readonly of: 'event' | 'commit';
  /** The row's version that sent it. */
  readonly version: number;
  readonly hop: Hop;
}

/** A line of the system's log that concerns the event. */
export interface LoggedTrace {
  /** RFC 3339. */
  readonly time: string;
  /** A batch whose range holds it was finished beyond it; or is delivered again from it or before; or its key was blocked. */
  readonly what: 'finished' | 'again' | 'blocked';
  readonly detail: string;
  /** Id of the invocation. */
  readonly request?: string;
}

export interface SystemTrace {
  readonly system: string;
  /** What logs say of the key. */
  readonly keyHash: string;
  readonly row?: RowTrace;
  readonly parked: readonly ParkedTrace[];
  /** What was logged of it, in order; or why the log could not be read. */
  readonly log: Section<LoggedTrace>;
  readonly effects: readonly EffectTrace[];
}

/** An event in a stream, and what became of it there. */
export interface Hop {
  readonly stream: string;
  /** The first record of it; others are repeats, and redriven ones. */
  readonly sightings: readonly [Sighting, ...Sighting[]];
  readonly trace: TraceContext;
  readonly systems: readonly SystemTrace[];
}
