import type { FaultDeck } from './faults.ts';
import type { Random } from './random.ts';
import type { Reached } from './reached.ts';
import type { Requests } from './requests.ts';
import type { Scheduler } from './scheduler.ts';
import type { Streams } from './streams.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

/** Everything that the parts of one run share. */
export interface World {
  readonly startMs: number;
  readonly scheduler: Scheduler;
  /** The schedule's chance: latencies, and where faults strike. */
  readonly random: Random;
  readonly deck: FaultDeck;
  readonly weather: Weather;
  readonly requests: Requests;
  readonly streams: Streams;
  readonly reached: Reached;
  /** Only when somebody wants to read it. */
  readonly trace: Trace | undefined;
  /** A token that no other call got. */
  readonly token: () => string;
  /** What can never be, whatever goes wrong: found on the way. */
  readonly breaches: Breach[];
}

/** A promise that does not hold. */
export interface Breach {
  /** What kind of promise: the numbers of a campaign's summary count events by it. */
  readonly kind: 'lost' | 'twice' | 'unaccounted' | 'order' | 'state' | 'effect' | 'letter' | 'drain' | 'defect';
  readonly message: string;
}
