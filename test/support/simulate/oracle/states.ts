import { isDeepStrictEqual } from 'node:util';
import type { CloudEvent } from '../../../../lambdas/core/event.ts';
import { migrate, type Processor } from '../../../../lambdas/core/processor.ts';
import type { FinalRow, System } from '../system.ts';
import type { Breach } from '../world.ts';
import type { Evidence, KeyEvidence } from './evidence.ts';

/** The code that is live at the end, untouched by the simulation. */
export function newestOf({ processors, name }: System): Processor<object> {
  const newest = processors.at(-1);
  if (newest === undefined) throw new Error(`System ${name} has no processor`);
  return newest;
}

/** Every row is what the newest code makes of its events, folded once and in order without any of the machinery. */
export function* breachesOfStates(evidence: Evidence): Iterable<Breach> {
  const processor = newestOf(evidence.run.system);
  for (const key of evidence.keys.values()) {
    const state = stateOf(evidence, key);
    if (state === undefined) continue;
    const folds = [{ what: 'its events', identities: key.applied }];
    // A repeat that is harmless leaves no trace: the state is that of each event once.
    if (
      evidence.run.system.repeats === 'harmless' &&
      !key.gaps &&
      !key.accepted.some((one) => evidence.unsure.has(one))
    ) {
      folds.push({ what: 'each accepted event once', identities: key.accepted });
    }
    for (const { what, identities } of folds) {
      const expected = fold(processor, key.key, eventsOf(evidence, identities));
      if (isDeepStrictEqual(state, expected)) continue;
      const message = `${evidence.run.system.name} ${key.key}: the row is ${text(state)}, ${what} come to ${text(expected)}`;
      yield { kind: 'state', message };
    }
  }
}

/** The rows that a system's own oracle looks at. A key whose records all went missing has version 0. */
export function finalRows(evidence: Evidence): readonly FinalRow[] {
  const { initial } = newestOf(evidence.run.system).state;
  return [...evidence.keys.values()].flatMap((key) => {
    const version = key.commits.at(-1)?.row.version ?? 0;
    if (version === 0 && !key.gaps) return [];
    const state = stateOf(evidence, key) ?? { ...initial(key.key) };
    return [{ key: key.key, version, state, events: eventsOf(evidence, key.applied), gaps: key.gaps }];
  });
}

/** The stored state as the newest code sees it; undefined if there is no row. */
function stateOf(evidence: Evidence, { key }: KeyEvidence): Readonly<Record<string, unknown>> | undefined {
  const { table } = evidence.run.services;
  const row = table.read(key);
  if (row === undefined) return undefined;
  return migrate(newestOf(evidence.run.system).state, row.schema, row.state) as Readonly<Record<string, unknown>>;
}

export function eventsOf({ events }: Evidence, identities: readonly string[]): readonly CloudEvent[] {
  return identities.flatMap((identity) => {
    const event = events.get(identity);
    return event === undefined ? [] : [event];
  });
}

const fold = (processor: Processor<object>, key: string, events: readonly CloudEvent[]): object =>
  events.reduce((state, event) => processor.reduce(state, event).state, processor.state.initial(key));

const text = (state: object): string => JSON.stringify(state).slice(0, 300);
