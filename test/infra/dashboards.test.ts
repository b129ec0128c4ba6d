import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { PRICES } from '../../lib/cost/prices.ts';
import { formula } from '../../local/metrics/math/evaluate.ts';
import { type Graph, graphsIn, type Line } from '../support/dashboards.ts';
import { profilesRegistry, synthesize } from './support/synth.ts';
import type { Templates } from './support/templates.ts';

/** What test/e2e/dashboards.test.ts cannot see in the local stage: silence, other stages and several systems. */

function graphsOf(templates: Templates): readonly Graph[] {
  return templates
    .resources('AWS::CloudWatch::Dashboard')
    .flatMap(({ path, properties }) =>
      graphsIn(path.split('/')[1] ?? '', templates.readable('stateless', properties.DashboardBody)),
    );
}

const provisioned = graphsOf(synthesize({ stage: 'prod', streamMode: 'provisioned', shards: 4 }));
const onDemand = graphsOf(synthesize({ stage: 'prod', streamMode: 'on-demand' }));

function graphOf(graphs: readonly Graph[], title: string, dashboard = 'ProfilesDashboard'): Graph {
  const found = graphs.find((graph) => graph.dashboard === dashboard && graph.title === title);
  if (found === undefined) throw new Error(`no graph ${title}; there are: ${graphs.map((graph) => graph.title)}`);
  return found;
}

/** The value of an expression in one minute; metrics that are not given are silent. */
function minute({ queries }: Line, given: Readonly<Record<string, number>>): number | undefined {
  return formula(queries[0]?.Expression ?? '').evaluate((id) => [given[id]], 1)[0];
}

describe('what a million events cost', () => {
  const costOf = (graphs: readonly Graph[]): Line =>
    graphOf(graphs, 'USD per million events, estimated at the prices of N. Virginia').lines[0] as Line;
  const million = { applied: 1e6 };
  const hourOf = (usd: number): number => usd / 60;
  const SHARD = PRICES.shardHour.usd + PRICES.extendedShardHour.usd;

  test.each<[string, Readonly<Record<string, number>>, number]>([
    ['a write unit of the table', { writes: 1e6 }, PRICES.writeUnit.usd],
    ['one of its index, which the table does not count', { index0: 1e6 }, PRICES.writeUnit.usd],
    ['one of a checkpoint', { checkpoints: 1e6 }, PRICES.writeUnit.usd],
    ['a read unit', { reads: 1e6 }, PRICES.readUnit.usd],
    ['a read unit of a checkpoint', { proofs: 1e6 }, PRICES.readUnit.usd],
    ['a request', { requests: 1e6 }, PRICES.lambdaRequest.usd],
    ['a record', { records: 1e6 }, PRICES.putUnit.usd],
    ['an effect', { effects: 1e6 }, PRICES.putUnit.usd],
    ['256 MB for 1,000 s', { milliseconds: 1e6 }, 250 * PRICES.lambdaGbSecond.usd],
    ['nothing but the shards', {}, 0],
  ])('counts %s', (_, metrics, usd) => {
    const shards = hourOf(SHARD) * 4;
    expect(minute(costOf(provisioned), { ...million, ...metrics })).toBeCloseTo(usd + shards, 9);
  });

  test('on demand, counts each record as a whole KB, and larger ones by their bytes', () => {
    const perMillionKb = PRICES.onDemandIn.usd + PRICES.onDemandOut.usd;
    const small = minute(costOf(onDemand), { ...million, records: 1e6, bytes: 200e6 });
    expect(small).toBeCloseTo(hourOf(PRICES.streamHour.usd) + perMillionKb, 9);
    const large = minute(costOf(onDemand), { ...million, records: 1e6, bytes: 3 * 1024e6 });
    expect(large).toBeCloseTo(hourOf(PRICES.streamHour.usd) + 3 * perMillionKb, 9);
    const published = minute(costOf(onDemand), { ...million, effects: 1e6 });
    expect(published).toBeCloseTo(hourOf(PRICES.streamHour.usd) + PRICES.onDemandIn.usd, 9);
  });

  test('has no value in a minute without events, rather than one without end', () => {
    for (const applied of [{}, { applied: 0 }]) {
      expect(minute(costOf(provisioned), { ...applied, writes: 5 })).toBeUndefined();
      for (const line of graphOf(provisioned, 'Per event').lines) {
        expect(minute(line, { ...applied, writes: 5, puts: 5 })).toBeUndefined();
      }
    }
  });
});

test('a stream on demand has no limit to compare with', () => {
  expect(graphOf(provisioned, 'Into the stream, percent of 4 shards').lines.map(({ label }) => label)).toEqual([
    'bytes',
    'records',
  ]);
  const names = graphOf(onDemand, 'Into the stream').lines.map(({ label }) => label);
  expect(names).toEqual(['IncomingBytes', 'IncomingRecords']);
});

test('lines of one graph are told apart, also where there are several systems', () => {
  const others = ['orders', 'sessions'].map((name) => ({
    ...profiles,
    name,
    outputStreams: [],
    routes: [],
    views: [],
  }));
  const graphs = graphsOf(
    synthesize({ stage: 'prod' }, { ...profilesRegistry, systems: [...profilesRegistry.systems, ...others] }),
  );
  const overview = graphs.filter(({ dashboard }) => dashboard === 'Overview');
  expect(graphOf(overview, 'Hours left before data loss', 'Overview').lines.map(({ label }) => label)).toEqual([
    'profiles',
    'orders',
    'sessions',
  ]);
  for (const { dashboard, title, lines } of graphs) {
    const keys = lines.map(({ label, stat }) => `${label} ${stat ?? ''}`);
    expect([dashboard, title, new Set(keys).size]).toEqual([dashboard, title, keys.length]);
  }
});

test('no expression is longer than CloudWatch takes', () => {
  const expressions = [...provisioned, ...onDemand].flatMap(({ lines }) => lines.flatMap(({ queries }) => queries));
  // API Reference, MetricDataQuery, Expression.
  expect(Math.max(...expressions.map(({ Expression = '' }) => Expression.length))).toBeLessThanOrEqual(2048);
});
