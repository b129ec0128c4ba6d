import type { Catalogue, EventDefinition } from '../../../lambdas/core/catalogue.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import type { Random } from './random.ts';

/** A system under simulation: what a processor folds, from which stream, and what must be true of its rows in the end. */
export interface System {
  readonly name: string;
  /** Logical name of the stream that it folds. */
  readonly input: string;
  /** The versions of its code, oldest first. The last one is live at the end; with several, deployments and roll-backs change between them. */
  readonly processors: readonly Processor<object>[];
  readonly catalogue: Catalogue;
  /**
   * What an event counts that comes again after its id left `_ids`. `never` (unless given): it must not come, and to fold it twice is a
   * breach, as for streams that outside producers write. `harmless`: the state merges idempotently, as behind another processor.
   */
  readonly repeats?: 'never' | 'harmless';
  /** The system's own oracle: a sentence for everything that is wrong with the rows at the end, recounted without its reducer. */
  readonly check?: (rows: readonly FinalRow[], rowsOf: (system: string) => readonly FinalRow[]) => Iterable<string>;
}

/** A row at the end of a run, once everything has drained. */
export interface FinalRow {
  readonly key: string;
  readonly version: number;
  /** As the newest code sees it. */
  readonly state: Readonly<Record<string, unknown>>;
  /** What was folded into it, in order. */
  readonly events: readonly CloudEvent[];
  /** Whether records of the key were given up, or rejected because of crashes or broken code, so that the row may lack events. */
  readonly gaps: boolean;
}

/** An event that producers are to put, before anything happens to it. */
export interface WorkloadEvent {
  /** The entity: subject and partition key. */
  readonly key: string;
  readonly type: EventDefinition;
  /** Version of the type; the newest unless given. */
  readonly version?: number;
  readonly data: object;
}

/** What producers put in one run, in order. The same random numbers must give the same events. */
export type Workload = (random: Random) => readonly WorkloadEvent[];
