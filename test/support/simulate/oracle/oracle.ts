import type { SystemRun } from '../parts.ts';
import type { ProducedEvent } from '../produced.ts';
import type { Streams } from '../streams.ts';
import type { FinalRow } from '../system.ts';
import type { Breach } from '../world.ts';
import { breachesOfAccounts, breachesOfLetters, breachesOfOrder } from './accounts.ts';
import { breachesOfEffects } from './effects.ts';
import { collect } from './evidence.ts';
import { breachesOfStates, finalRows } from './states.ts';

/** Judges a run that has drained: what streams, tables, queues and sinks hold against what was put. */
export function* breachesOf(
  runs: readonly SystemRun[],
  streams: Streams,
  produced: readonly ProducedEvent[],
): Iterable<Breach> {
  const byIdentity = new Map(produced.map((event) => [event.identity, event]));
  const collected = runs.map((run) => collect(run, byIdentity));
  const rows = new Map<string, readonly FinalRow[]>();
  for (const evidence of collected) {
    yield* breachesOfAccounts(evidence);
    yield* breachesOfOrder(evidence);
    yield* breachesOfLetters(evidence);
    yield* breachesOfStates(evidence);
    yield* breachesOfEffects(evidence, streams);
    rows.set(evidence.run.system.name, finalRows(evidence));
  }
  const rowsOf = (name: string): readonly FinalRow[] => rows.get(name) ?? [];
  for (const { system } of runs) {
    const wrong = system.check?.(rowsOf(system.name), rowsOf) ?? [];
    for (const message of wrong) yield { kind: 'state', message: `${system.name}: ${message}` };
  }
}
