import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { LOCAL_STAGE } from '../cli/start/system.ts';
import type { MetricStore } from '../metrics/store.ts';
import type { Facts } from './facts.ts';
import type { Faults } from './faults.ts';
import { FAULTS, type FaultName } from './rules.ts';
import type { Done } from './schedule.ts';

/** A fault: how often it was injected, and how often it was seen to bite. */
export interface Evidence {
  readonly fault: string;
  readonly injected: number;
  readonly bit: number;
  /** What was counted as a bite. */
  readonly seenAs: string;
}

/** Where bites are seen. */
export interface Traces {
  readonly facts: Facts;
  readonly faults: Faults;
  readonly done: Done;
  readonly metrics: MetricStore;
  /** Invocations that failed because their environment was killed. */
  readonly killedInvocations: number;
  /** Puts that the state table refused because the row was another one by then. */
  readonly refusedCommits: number;
  /** Records that producers were refused in a request whose other records got in. */
  readonly refusedInPart: number;
}

/** Whether the faults that can be seen before the end have all bitten. */
export function haveBitten({
  faults,
  metrics,
  refusedCommits,
}: Pick<Traces, 'faults' | 'metrics' | 'refusedCommits'>): boolean {
  const seen = [METRICS.duplicateByPosition, METRICS.effectsResent, METRICS.ownWritesRecognised, METRICS.duplicateById];
  return (
    refusedCommits > 0 &&
    FAULTS.every((name) => faults.dealt(name) > 0) &&
    seen.every((name) => metric(metrics, name) > 0)
  );
}

/** Every fault of the run. One that was never seen to bite has proven nothing. */
export function evidenceOf(traces: Traces): readonly Evidence[] {
  return [...deaths(traces), ...outages(traces), ...lostAnswers(traces), ...refusals(traces), ...changes(traces)];
}

/** A sentence for each fault that never bit. */
export const toothless = (evidence: readonly Evidence[]): readonly string[] =>
  evidence
    .filter(({ bit }) => bit === 0)
    .map(({ fault, injected, seenAs }) => `${fault}: injected ${injected} times, but never seen to bite (${seenAs})`);

function deaths({ faults, done, metrics, killedInvocations, refusedCommits }: Traces): readonly Evidence[] {
  const kills = [...done.kills];
  return [
    ...kills.map(([point, { armed, killed }]) => row(`killed ${point}`, armed, killed, 'environments killed')),
    row(
      'killed mid-batch',
      sum(kills.map(([, { killed }]) => killed)),
      killedInvocations,
      'invocations that failed of it',
    ),
    row('commits of the dead', faults.late, refusedCommits, 'commits refused by their condition'),
    row('delivered again', killedInvocations, metric(metrics, METRICS.duplicateByPosition), 'events known by position'),
    row('effects in doubt', killedInvocations, metric(metrics, METRICS.effectsResent), 'effects sent again'),
  ];
}

const outages = ({ done, faults }: Traces): readonly Evidence[] => [
  row('DynamoDB cut off', done.cuts.dynamodb, faults.refusedBy('dynamodb'), 'requests lost'),
  row('SQS cut off', done.cuts.sqs, faults.refusedBy('sqs'), 'requests lost'),
];

function lostAnswers({ facts, faults, metrics }: Traces): readonly Evidence[] {
  const updates = new Set(facts.updates.map(({ data }) => Buffer.from(data).toString()));
  const letters = new Set(facts.letters.map(({ id }) => id));
  const dealt = (name: FaultName, bit: number, seenAs: string): Evidence => row(name, faults.dealt(name), bit, seenAs);
  return [
    dealt('answers of commits lost', metric(metrics, METRICS.ownWritesRecognised), 'own writes recognised'),
    dealt('answers to producers lost', facts.stream.length - facts.sent.length, 'records put again'),
    dealt('answers to effects lost', facts.updates.length - updates.size, 'updates twice in their stream'),
    dealt('answers to dead letters lost', facts.letters.length - letters.size, 'letters twice in their queue'),
  ];
}

/** Requests that never worked: there is nothing to see of them but that the client was refused, and that all is well in the end. */
function refusals({ faults, refusedInPart }: Traces): readonly Evidence[] {
  const names = [
    'store throttled',
    'store requests lost',
    'producers throttled',
    'effects throttled',
    'reads of the stream throttled',
    'reads of the stream lost',
    'dead letters throttled',
    'dead letters lost',
  ] as const satisfies readonly FaultName[];
  return [
    ...names.map((name) => row(name, faults.dealt(name), faults.dealt(name), 'requests that failed')),
    row('producers refused in part', refusedInPart, refusedInPart, 'records held back'),
  ];
}

function changes({ facts, done, metrics }: Traces): readonly Evidence[] {
  const fewest = (shards: readonly string[]): number =>
    Math.min(...shards.map((id) => facts.stream.filter(({ shard }) => shard === id).length));
  const repeats = facts.sent.filter(({ producer }) => producer === 'repeater').length;
  return [
    row('repeats by another producer', repeats, metric(metrics, METRICS.duplicateById), 'events known by id'),
    row(
      'shard split',
      done.splitInto.length > 0 ? 1 : 0,
      reached(done.splitInto, fewest),
      'records in the smaller child',
    ),
    row('shards merged', done.mergedInto.length > 0 ? 1 : 0, reached(done.mergedInto, fewest), 'records in the child'),
    row('deployed anew', done.deployments.made, done.deployments.midFlight, 'deployments with batches under way'),
  ];
}

const reached = (shards: readonly string[], fewest: (shards: readonly string[]) => number): number =>
  shards.length === 0 ? 0 : fewest(shards);

const row = (fault: string, injected: number, bit: number, seenAs: string): Evidence => ({
  fault,
  injected,
  bit,
  seenAs,
});

const metric = (metrics: MetricStore, name: string): number =>
  metrics.statistics({
    namespace: metricNamespace(LOCAL_STAGE),
    name,
    dimensions: { [METRIC_DIMENSION]: profiles.name },
  }).sum;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
