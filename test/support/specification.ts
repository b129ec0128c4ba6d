import type { Catalogue } from '../../lambdas/core/catalogue.ts';
import type { Effect } from '../../lambdas/core/effect.ts';
import type { CloudEvent } from '../../lambdas/core/event.ts';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import type { Processor } from '../../lambdas/core/processor.ts';
import type { RejectionCode } from '../../lambdas/core/rejection.ts';
import type { Row } from '../../lambdas/core/row.ts';
import { catalogue as everyType } from '../../lambdas/systems/catalogue.ts';
import { systems } from '../../lambdas/systems/registry.ts';
import { accepted, Bench, type Result } from './specification/bench.ts';
import { checked } from './specification/checked.ts';

/** The attributes that one says something of. Each must be equal as a whole; `undefined` says that it is absent. */
export type Named<T> = T extends unknown ? { readonly [Name in keyof T]?: T[Name] | undefined } : never;

/** Where a processor is before the events under test. */
export interface Given<State extends object> {
  /** The events under test arrive in one batch and make one commit. */
  when(...events: readonly CloudEvent[]): Then<State>;
}

/** What has become of them. Every expectation returns the same object, so that they can be chained. */
export interface Then<State extends object> {
  /** The row's state has these attributes, whatever else it has. */
  thenState(expected: Named<State>): Then<State>;
  /** The row's state is this, and nothing else. */
  thenWholeState(expected: State): Then<State>;
  /**
   * These are all effects: of the events under test, in order, then of their commit. Of each effect, the members that are named must be
   * equal as a whole.
   */
  thenEffects(...expected: readonly Named<Effect>[]): Then<State>;
  /** The state is as before, and the events themselves have no effects. What a commit sends follows from the row and is not looked at. */
  changesNothing(): Then<State>;
  /** The last event under test is rejected, under this code if one is given. The events before it are applied. */
  thenThrows(code?: RejectionCode): Then<State>;
  /** The last event under test is recognised as a repeat, and not folded. */
  thenRecognised(): Then<State>;
  /** The row as it was committed, for what no other expectation says. */
  readonly row: Row;
  readonly state: State;
}

export interface Specification<State extends object> extends Given<State> {
  /** Events that came before, in one commit each. */
  given(...events: readonly CloudEvent[]): Given<State>;
  /** A row that was written before, perhaps by older code, as state version `schema`. */
  givenState(state: object, schema?: number): Given<State>;
}

export interface SpecificationOptions {
  /** The event types that may be received and published; all systems' types unless given. */
  readonly catalogue?: Catalogue;
  /** Where effects may go; the registered manifest of the processor's name unless given. */
  readonly manifest?: SystemManifest;
}

/**
 * Says what a processor does, in sentences: `specify(p).given(added(2), added(3)).when(purchased()).thenState({ totalSpend: 5 })`.
 *
 * Runs the real decoder, fold and row format, and on every event checks what every processor promises: no argument is changed, the same
 * arguments give the same result at another time, however a batch is cut the state comes out the same, states survive being stored,
 * effects go where the manifest lets them and satisfy the newest schema of their type. An event that the processor does not fold, or
 * whose data break the schema that its `dataschema` names, is a mistake of the test and is reported as such.
 */
export function specify<State extends object, Event extends CloudEvent>(
  processor: Processor<State, Event>,
  options: SpecificationOptions = {},
): Specification<State> {
  const manifest = options.manifest ?? systems.find(({ name }) => name === processor.name);
  const around = { catalogue: options.catalogue ?? everyType, manifest };
  const bench = new Bench(checked(processor as unknown as Processor<State>, around), around.catalogue);
  return {
    given: (...events) =>
      from(bench, () => events.reduce<Row | undefined>((row, event) => bench.apply(row, event), undefined)),
    givenState: (state, schema = processor.state.version) => from(bench, () => bench.stored(state, schema)),
    when: (...events) => from(bench, () => undefined).when(...events),
  };
}

const from = <State extends object>(bench: Bench<State>, before: () => Row | undefined): Given<State> => ({
  when: (...events) => thenOf(bench.commit(before(), events)),
});

function thenOf<State extends object>(result: Result<State>): Then<State> {
  const { row, state, before, effects, effectsOfCommit } = result;
  const then: Then<State> = {
    row,
    state,
    thenState: (expected) => {
      accepted(result);
      expect(only(state, expected)).toEqual(expected);
      return then;
    },
    thenWholeState: (expected) => {
      accepted(result);
      expect(state).toEqual(expected);
      return then;
    },
    thenEffects: (...expected) => {
      accepted(result);
      const all = [...effects, ...effectsOfCommit];
      expect(all.map((effect, nth) => only(effect, expected[nth] ?? effect))).toEqual(expected);
      return then;
    },
    changesNothing: () => {
      accepted(result);
      expect(state).toEqual(before);
      expect(effects).toEqual([]);
      return then;
    },
    thenThrows: (code) => {
      const others = { ...result, outcomes: result.outcomes.slice(0, -1) };
      accepted(others);
      const last = result.outcomes.at(-1);
      expect(last?.kind === 'rejected' ? last.cause.code : last?.kind).toEqual(code ?? expect.stringContaining('.'));
      return thenOf(others);
    },
    thenRecognised: () => {
      expect(result.outcomes.at(-1)?.kind).toBe('duplicate');
      return then;
    },
  };
  return then;
}

const only = (whole: object, named: object): object =>
  Object.fromEntries(Object.keys(named).map((name) => [name, (whole as Record<string, unknown>)[name]]));
