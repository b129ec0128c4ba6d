import { EngineInputError } from './errors.ts';
import type { Lane } from './lane.ts';
import type { Command, MetricDatum, MetricName } from './protocol.ts';
import type { Mapping } from './settings.ts';
import type { ShardState } from './shard.ts';

/** What the rules of one step see and give. */
export interface Step {
  readonly nowMs: number;
  readonly mapping: Mapping;
  readonly inFlight: InFlight;
  emit(command: Command): void;
  /** Counts a metric; 0 is left out, except for the age. */
  count(name: MetricName, value: number): void;
}

/** Collects what a step gives. */
export class StepOutput implements Step {
  readonly nowMs: number;
  readonly mapping: Mapping;
  readonly inFlight: InFlight;
  readonly commands: Command[] = [];
  readonly metrics: MetricDatum[] = [];

  constructor(nowMs: number, mapping: Mapping, inFlight: InFlight) {
    this.nowMs = nowMs;
    this.mapping = mapping;
    this.inFlight = inFlight;
  }

  emit(command: Command): void {
    this.commands.push(command);
  }

  count(name: MetricName, value: number): void {
    if (value !== 0 || name === 'IteratorAge') this.metrics.push({ name, value });
  }
}

/** The invocations and deliveries that wait for an answer, by id. */
export class InFlight {
  readonly #byId = new Map<string, { readonly shard: ShardState; readonly lane: Lane }>();
  #lastId = 0;

  /** @returns an id that is unique within the engine. */
  begin(shard: ShardState, lane: Lane): string {
    this.#lastId += 1;
    const id = `${shard.id}/${this.#lastId}`;
    this.#byId.set(id, { shard, lane });
    return id;
  }

  /** @throws EngineInputError if nothing under that id waits for an answer. */
  end(id: string): { readonly shard: ShardState; readonly lane: Lane } {
    const waiting = this.#byId.get(id);
    if (!waiting) throw new EngineInputError('an answer to what is not in flight', { id });
    this.#byId.delete(id);
    return waiting;
  }

  /** A UUID for a document of records that never had a response; numbered, so that a run repeats exactly. */
  newRequestId(): string {
    this.#lastId += 1;
    return `00000000-0000-4000-8000-${String(this.#lastId).padStart(12, '0')}`;
  }
}
