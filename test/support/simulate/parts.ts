import { SimulatedFunction } from './function.ts';
import { Lineage } from './lineage.ts';
import { SimulatedMapping } from './mapping.ts';
import type { Plan } from './plan.ts';
import type { ProducedEvent } from './produced.ts';
import { Producer } from './producer.ts';
import { mix } from './random.ts';
import type { RunOptions } from './run.ts';
import type { Services } from './services.ts';
import type { System } from './system.ts';
import { SimulatedTable } from './table.ts';
import type { World } from './world.ts';

const PRODUCERS = 2;

/** One system in a run. */
export interface SystemRun {
  readonly system: System;
  readonly services: Services;
  /** Orders of the records that the event source mapping gave up, with its reasons. */
  readonly discarded: ReadonlyMap<number, string>;
}

/** One system in a run, with what drives it. */
export interface Part extends SystemRun {
  readonly function: SimulatedFunction;
  readonly mapping: SimulatedMapping;
}

/** A system with everything simulated that it needs. */
export function partOf(
  world: World,
  plan: Plan['mappings'][number],
  produced: readonly ProducedEvent[],
  { aroundPorts }: Pick<RunOptions, 'aroundPorts'>,
): Part {
  const { system } = plan;
  const lineage = new Lineage();
  const services: Services = {
    name: system.name,
    stream: world.streams.create(system.input, plan.shards),
    lineage,
    table: new SimulatedTable(lineage),
    letters: [],
    checkpoints: { written: new Set(), attempts: new Map() },
    sinks: { messages: [], writes: [], rows: new Map() },
    brokenOn: new Set(),
  };
  const fates = new Map(produced.map(({ identity, fate }) => [identity, fate]));
  const fn = new SimulatedFunction(world, system, services, {
    interferences: (identity) => {
      const fate = fates.get(identity);
      if (fate === undefined || fate.kind === 'applied') return undefined;
      if (fate.kind === 'rejected') return fate.code === 'event.reducer-threw' ? 'throw' : undefined;
      return fate.kind;
    },
    aroundPorts: aroundPorts && ((ports) => aroundPorts(ports, system.name)),
  });
  const mapping = new SimulatedMapping(world, plan, services, fn);
  return { system, services, discarded: mapping.discarded, function: fn, mapping };
}

/** Each key has one producer, which keeps its order. */
export function producersOf(
  world: World,
  [first]: readonly System[],
  produced: readonly ProducedEvent[],
): readonly Producer[] {
  if (first === undefined) throw new RangeError('A simulation needs a system');
  return Array.from({ length: PRODUCERS }, (_, nth) => {
    const own = produced.filter(({ key }) => mix(key) % PRODUCERS === nth);
    return new Producer(world, first.input, own);
  });
}
