import { FAULTS, type FaultKind } from './faults.ts';
import { Random } from './random.ts';
import type { System } from './system.ts';

const MINUTE = 60_000;

/** A version of a system's code: the index of its processor, and whether its reducer is broken. */
export interface Code {
  readonly version: number;
  /** Share of the events on which the reducer throws. */
  readonly broken?: number;
}

/** For the trace. */
export const nameOf = ({ version, broken }: Code): string =>
  `version ${version}${broken === undefined ? '' : ', broken'}`;

export interface Deployment {
  readonly code: Code;
  /** For how long environments of the code before are used besides. */
  readonly sideBySideMs: number;
}

/** Something that happens to one system at a time of its own, ms after the start. */
export type Happening = { readonly atMs: number; readonly system: System } & (
  | { readonly kind: 'split' | 'merge' }
  | ({ readonly kind: 'deployment' } & Deployment)
  /** `back`: which former checkpoint, as a share of all there were; `batches`: how many it delivers. */
  | { readonly kind: 'redelivery'; readonly back: number; readonly batches: number }
  | { readonly kind: 'poller-restart'; readonly back: number }
);

type Scheduled = 'split' | 'merge' | 'redelivery' | 'poller-restart';

/** Draws what happens to one system of several, each kind from a generator of its own. */
export function happeningsOf(
  seed: number,
  system: System,
  nth: number,
  systems: number,
  enabled: ReadonlySet<FaultKind>,
  spanMs: number,
): readonly Happening[] {
  const timed = (kind: Scheduled): readonly Happening[] => {
    const random = Random.for(kind, seed, nth);
    const count = enabled.has(kind) ? random.times(FAULTS[kind].rate / systems) : 0;
    return Array.from({ length: count }, () => {
      const [atMs, back, batches] = [random.between(0, spanMs), random.next(), random.whole(1, 5)];
      return { kind, atMs, system, back, batches } as Happening;
    });
  };
  return [
    ...timed('split'),
    ...timed('merge'),
    ...timed('redelivery'),
    ...timed('poller-restart'),
    ...deploymentsOf(Random.for('deployment', seed, nth), system, systems, enabled, spanMs),
    ...breakagesOf(Random.for('broken-deployment', seed, nth), system, systems, enabled, spanMs),
  ];
}

/** Forward, back, forward: the first version goes live again only for minutes, since rows of newer code wait for newer code. */
function deploymentsOf(
  random: Random,
  system: System,
  systems: number,
  enabled: ReadonlySet<FaultKind>,
  spanMs: number,
): readonly Happening[] {
  const newest = system.processors.length - 1;
  const cycles = enabled.has('deployment') ? random.times(FAULTS.deployment.rate / systems / 2) : 0;
  return Array.from({ length: cycles }, () => {
    const atMs = random.between(0, spanMs);
    const backMs = random.magnitude(5_000, 3 * MINUTE);
    const sideBySideMs = random.magnitude(1_000, MINUTE);
    const deploy = (ms: number, version: number): Happening => ({
      kind: 'deployment',
      atMs: ms,
      system,
      code: { version },
      sideBySideMs,
    });
    return [deploy(atMs, newest), deploy(atMs + backMs / 2, Math.max(0, newest - 1)), deploy(atMs + backMs, newest)];
  }).flat();
}

function breakagesOf(
  random: Random,
  system: System,
  systems: number,
  enabled: ReadonlySet<FaultKind>,
  spanMs: number,
): readonly Happening[] {
  const count = enabled.has('broken-deployment') ? random.times(FAULTS['broken-deployment'].rate / systems) : 0;
  const version = system.processors.length - 1;
  return Array.from({ length: count }, () => {
    const atMs = random.between(0, spanMs);
    const broken = { version, broken: random.between(0.6, 1) };
    const sideBySideMs = random.magnitude(1_000, 20_000);
    const rolledBackMs = atMs + random.magnitude(10_000, 5 * MINUTE);
    return [
      { kind: 'deployment', atMs, system, code: broken, sideBySideMs } as const,
      { kind: 'deployment', atMs: rolledBackMs, system, code: { version }, sideBySideMs } as const,
    ];
  }).flat();
}
