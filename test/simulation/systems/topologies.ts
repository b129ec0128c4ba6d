import type { System, Workload } from '../../support/simulate.ts';
import { bookings, ledger } from './ledger.ts';
import { profiles, visits } from './profiles.ts';
import { totals } from './totals.ts';

/** Systems that are simulated together, and what is put into the first of them. */
export interface Topology {
  readonly systems: readonly System[];
  readonly workload: Workload;
}

/** What `npm run simulate -- --system NAME` knows; the first is the one that runs unless another is asked for. */
export const TOPOLOGIES = {
  ledger: { systems: [ledger, totals], workload: bookings(150) },
  profiles: { systems: [profiles], workload: visits(150) },
} as const satisfies Readonly<Record<string, Topology>>;

export type TopologyName = keyof typeof TOPOLOGIES;

export const TOPOLOGY_NAMES = Object.keys(TOPOLOGIES) as readonly TopologyName[];
