import type { EngineOptions } from '../../../local/esm/settings.ts';
import type { MappingSettings } from '../../../local/esm/types.ts';
import { FAULTS, type FaultKind } from './faults.ts';
import { type Happening, happeningsOf } from './happenings.ts';
import { Random } from './random.ts';
import type { System } from './system.ts';
import type { Port, Window } from './weather.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How a system's event source mapping is set in one run. */
export interface MappingPlan {
  readonly system: System;
  /** Shards of its input stream at the start. */
  readonly shards: number;
  readonly settings: MappingSettings;
  readonly options: EngineOptions;
  /** Longest that records wait in a shard until the poller asks for them, ms. */
  readonly gatherMs: number;
}

/** Everything about a run that is decided before it begins. */
export interface Plan {
  readonly mappings: readonly MappingPlan[];
  readonly windows: readonly Window[];
  readonly happenings: readonly Happening[];
  /** For how long faults strike after the last event is due, ms. */
  readonly aftermathMs: number;
}

/** Draws a run's plan. Every kind draws from a generator of its own, so that leaving one out does not change the others. */
export function planOf(
  seed: number,
  systems: readonly System[],
  enabled: ReadonlySet<FaultKind>,
  spanMs: number,
): Plan {
  const windows = [
    ...throttles(seed, enabled, spanMs),
    ...outages(seed, enabled, spanMs),
    ...slow(seed, enabled, spanMs),
  ];
  const longest = windows.reduce((most, { fromMs, toMs }) => Math.max(most, toMs - fromMs), 0);
  return {
    mappings: systems.map((system, nth) => mappingOf(Random.for('mapping', seed, nth), system, nth, enabled, longest)),
    windows,
    happenings: systems.flatMap((system, nth) => happeningsOf(seed, system, nth, systems.length, enabled, spanMs)),
    aftermathMs: Random.for('aftermath', seed).magnitude(MINUTE, HOUR),
  };
}

function mappingOf(
  random: Random,
  system: System,
  nth: number,
  enabled: ReadonlySet<FaultKind>,
  longestWindowMs: number,
): MappingPlan {
  const shards = random.whole(1, 4);
  const batchSize = Math.round(random.magnitude(4, 100));
  const parallelizationFactor = random.whole(1, 3);
  const maximumBatchingWindowInSeconds = random.chance(0.3) ? random.whole(1, 20) : 0;
  const attempts = random.chance(FAULTS['discard-attempts'].rate);
  const maximumRetryAttempts = random.whole(0, 4);
  const age = random.chance(FAULTS['discard-age'].rate);
  const maximumRecordAgeInSeconds = Math.round(random.magnitude(60, 900));
  return {
    system,
    shards,
    gatherMs: random.magnitude(200, 20_000),
    settings: {
      uuid: `00000000-0000-4000-8000-00000000000${nth}`,
      streamArn: `arn:aws:kinesis:eu-west-1:111111111111:stream/${system.input}`,
      functionArn: `arn:aws:lambda:eu-west-1:111111111111:function:${system.name}`,
      batchSize,
      maximumBatchingWindowInSeconds,
      parallelizationFactor,
      bisectBatchOnFunctionError: true,
      reportBatchItemFailures: true,
      maximumRetryAttempts: attempts && enabled.has('discard-attempts') ? maximumRetryAttempts : -1,
      maximumRecordAgeInSeconds: age && enabled.has('discard-age') ? maximumRecordAgeInSeconds : -1,
      startingPosition: 'TRIM_HORIZON',
      onFailureArn: `arn:aws:sqs:eu-west-1:111111111111:${system.name}-discarded`,
    },
    options: {
      retryBaseMs: Math.round(random.magnitude(100, 2_000)),
      // A long outage is not to be asked after every half minute for hours.
      retryCapMs: Math.round(Math.max(random.magnitude(10_000, 2 * MINUTE), longestWindowMs / 12)),
      readLimit: Math.round(random.magnitude(10, 1_000)),
      shardListIntervalMs: HOUR,
    },
  };
}

const PORTS: readonly Port[] = ['store', 'checkpoints', 'dead-letters', 'streams', 'queues', 'views', 'on-failure'];

function windowsOf(
  random: Random,
  spanMs: number,
  kind: 'throttle' | 'outage',
  draw: (random: Random) => { durationMs: number; share: number },
  rate: number,
): readonly Window[] {
  return Array.from({ length: random.times(rate) }, () => {
    const { durationMs, share } = draw(random);
    const fromMs = random.between(0, spanMs);
    const scope = random.next();
    const keyed = random.pick(['store', 'streams'] as const);
    const port = random.pick(PORTS);
    if (scope < 0.35) return { kind, port: keyed, oneKey: true, share, fromMs, toMs: fromMs + durationMs };
    return { kind, port: scope < 0.5 ? 'all' : port, oneKey: false, share, fromMs, toMs: fromMs + durationMs };
  });
}

const throttles = (seed: number, enabled: ReadonlySet<FaultKind>, spanMs: number): readonly Window[] =>
  enabled.has('throttle')
    ? windowsOf(
        Random.for('throttle', seed),
        spanMs,
        'throttle',
        (random) => ({ durationMs: random.magnitude(2_000, MINUTE), share: random.between(0.3, 1) }),
        3,
      )
    : [];

/** Most outages are of minutes; one in twelve lasts for hours. */
const outages = (seed: number, enabled: ReadonlySet<FaultKind>, spanMs: number): readonly Window[] =>
  enabled.has('outage')
    ? windowsOf(
        Random.for('outage', seed),
        spanMs,
        'outage',
        (random) => ({
          durationMs: random.chance(1 / 12)
            ? random.magnitude(30 * MINUTE, 6 * HOUR)
            : random.magnitude(MINUTE, 15 * MINUTE),
          share: 1,
        }),
        FAULTS.outage.rate,
      )
    : [];

function slow(seed: number, enabled: ReadonlySet<FaultKind>, spanMs: number): readonly Window[] {
  const random = Random.for('slow-shard', seed);
  const count = enabled.has('slow-shard') ? random.times(FAULTS['slow-shard'].rate) : 0;
  return Array.from({ length: count }, () => {
    const fromMs = random.between(0, spanMs);
    const toMs = fromMs + random.magnitude(MINUTE, 20 * MINUTE);
    return { kind: 'slow-shard', port: 'reads', oneKey: true, share: 1, fromMs, toMs };
  });
}
