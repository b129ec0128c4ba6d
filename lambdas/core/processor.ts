import type { EventDefinition } from './catalogue.ts';
import type { Effect } from './effect.ts';
import type { CloudEvent } from './event.ts';

/** What an event makes of a state. */
export interface Reduction<State> {
  readonly state: State;
  readonly effects?: readonly Effect[];
}

/** A row as effects per commit see it. */
export interface CommittedRow<State> {
  readonly key: string;
  readonly version: number;
  readonly state: State;
}

/**
 * A processor folds the events of one key into that key's row. Everything in it is pure: no clock, no randomness, no I/O, no mutation
 * of its arguments. The same row and event give the same result on every machine and in every retry.
 */
export interface Processor<State extends object, Event extends CloudEvent = CloudEvent> {
  /** The system's name, as in its manifest. */
  readonly name: string;
  /** The event types that it folds. Other types of the catalogue are ignored. */
  readonly handles: readonly EventDefinition[];
  readonly state: StateSchema<State>;
  reduce(state: State, event: Event): Reduction<State>;
  /** Effects that follow from the committed row alone, once per commit, however many events it folded. */
  effectsOfCommit?(row: CommittedRow<State>): readonly Effect[];
}

/** The versions of a state. */
export interface StateSchema<State extends object> {
  /** The version that this code writes, from 1. */
  readonly version: number;
  /** The state of a key that has no row. Its attributes, and those of every later state, may not start with `_` or be `id`. */
  initial(key: string): State;
  /** `migrations[n]` turns a state of version n into one of version n + 1. There is one for every older version. */
  readonly migrations: Readonly<Record<number, (state: Readonly<Record<string, unknown>>) => object>>;
}

/** State versions that no code leads on from. */
export class MissingMigration extends Error {
  override readonly name = 'MissingMigration';
}

/** A state of version `from` as this code's. Throws MissingMigration; what a migration throws passes through. */
export function migrate<State extends object>(schema: StateSchema<State>, from: number, stored: object): State {
  let state = stored;
  for (let version = from; version < schema.version; version++) {
    const step = schema.migrations[version];
    if (step === undefined) throw new MissingMigration(`No migration from state version ${version} to ${version + 1}`);
    state = step(state as Readonly<Record<string, unknown>>);
  }
  return state as State;
}
