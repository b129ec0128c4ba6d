import type { CloudEvent } from '../../../lambdas/core/event.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import type { Row } from '../../../lambdas/core/row.ts';

/** A commit that the table took. */
export interface Commit {
  readonly key: string;
  readonly row: Row;
  /** The commit whose row it was folded from. */
  readonly base: Commit | undefined;
  /** The events that it folded, in order. */
  readonly applied: readonly CloudEvent[];
}

/** What may happen to the function while it folds an event: it throws, or makes the function die. */
export type Interference = (event: CloudEvent) => void;

/**
 * Follows states from event to event, so that every commit tells which events it folded, of which row, whatever the state itself says.
 * Nothing of this passes through the runtime: states are known again by their identity.
 */
export class Lineage {
  readonly #steps = new WeakMap<object, { readonly from: object; readonly event?: CloudEvent }>();
  readonly #origins = new WeakMap<object, Commit>();

  /** The processor, with every state that it makes followed. */
  watch(processor: Processor<object>, interfere: Interference): Processor<object> {
    const { effectsOfCommit } = processor;
    const migrations = Object.entries(processor.state.migrations).map(([from, migrate]) => {
      const watched = (state: Readonly<Record<string, unknown>>): object => this.#step(state, { ...migrate(state) });
      return [from, watched] as const;
    });
    return {
      name: processor.name,
      handles: processor.handles,
      state: { ...processor.state, migrations: Object.fromEntries(migrations) },
      reduce: (state, event) => {
        interfere(event);
        const reduction = processor.reduce(state, event);
        return { ...reduction, state: this.#step(state, { ...reduction.state }, event) };
      },
      ...(effectsOfCommit !== undefined && { effectsOfCommit: (row) => effectsOfCommit.call(processor, row) }),
    };
  }

  /** A row was read that this commit had written. */
  read(row: Row, commit: Commit): void {
    this.#origins.set(row.state, commit);
  }

  /** The commit that a row is, on its way into the table. */
  commit(row: Row): Commit {
    const applied: CloudEvent[] = [];
    let state: object = row.state;
    for (let step = this.#steps.get(state); step !== undefined; step = this.#steps.get(state)) {
      if (step.event !== undefined) applied.push(step.event);
      state = step.from;
    }
    return { key: row.key, row, base: this.#origins.get(state), applied: applied.reverse() };
  }

  #step<State extends object>(from: object, next: State, event?: CloudEvent): State {
    this.#steps.set(next, event === undefined ? { from } : { from, event });
    return next;
  }
}

/** The commits that a row's state really rests on, oldest first. */
export function ancestryOf(last: Commit | undefined): readonly Commit[] {
  const commits: Commit[] = [];
  for (let commit = last; commit !== undefined; commit = commit.base) commits.push(commit);
  return commits.reverse();
}
