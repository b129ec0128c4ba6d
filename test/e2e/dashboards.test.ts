import { PRICES } from '../../lib/cost/prices.ts';
import { readAssembly } from '../../local/cloudformation/assembly.ts';
import { CompiledQueries, metricDataQuery } from '../../local/metrics/query.ts';
import { type Graph, graphsOf, type Line } from '../support/dashboards.ts';
import { EventfulStage, HAPPENED } from '../support/eventful-stage.ts';
import { type LogRecord, logRecord, matching, namedFields, valueAt } from '../support/insights.ts';

/**
 * Every graph of every dashboard, evaluated over a run in which nearly everything happens that it shows, and compared with
 * what is known to have happened: by what was sent, by the services' own counts, and by what the function logged.
 */

let stage: EventfulStage;
let graphs: readonly Graph[];
let log: readonly LogRecord[];
let endMs: number;

beforeAll(async () => {
  stage = await EventfulStage.start();
  await stage.run();
  await stage.cloud.untilDrained();
  endMs = Date.now() + 1;
  graphs = graphsOf(stage.assemblyDir, stage.cloud);
  log = (stage.cloud.functions.get(stage.functionName)?.logs() ?? []).flatMap(({ text }) => logRecord(text));
});
afterAll(() => stage[Symbol.asyncDispose]());

/** The one value of a line for the whole run. */
function pointOf({ queries }: Line): number | undefined {
  const compiled = new CompiledQueries(queries.map((query) => metricDataQuery.parse(query)));
  const periods = { endMs, periodMs: endMs - stage.startedMs, count: 1 };
  return compiled.series(queries[0]?.Id ?? '', stage.cloud.metrics, periods)[0];
}

/** A sum over the function's lines, one a batch. */
const logged = (name: string): number =>
  log.reduce((sum, line) => sum + (String(line.message).startsWith('batch folded') ? Number(line[name]) : 0), 0);

/** What a line must show: a number that is known, one in a range, or, for the given reason, nothing. */
type Expected = (() => number) | { readonly least: number; readonly most: number } | { readonly silent: string };

const is =
  (value: number): Expected =>
  () =>
    value;
const among = (least: number, most = 60_000): Expected => ({ least, most });
const SILENT = {
  discarded: { silent: 'retries have no end, so Lambda discards nothing' },
  unlimited: { silent: 'concurrency has no limit' },
  index: { silent: 'dynalite throttles no index' },
} as const;

const unitsPerEvent = () => stage.cloud.tableCounts(stage.table).writeUnits / HAPPENED.applied;
const metric = (name: string, dimensions: Readonly<Record<string, string>>) =>
  stage.cloud.metrics.statistics({ namespace: name.split(' ')[0] ?? '', name: name.split(' ')[1] ?? '', dimensions });

/** Records are kept for a week. */
const hoursLeft = () =>
  168 - Number(metric('AWS/Lambda IteratorAge', { FunctionName: stage.functionName }).max) / 3_600_000;

/** By the price list, from the services' counts, in dollars for a million events. A graph's point is a minute, which a stream costs, too. */
function cost(): number {
  const { cloud, table, checkpointTable, functionName, taken } = stage;
  const readUnits = [table, checkpointTable]
    .map((TableName) => metric('AWS/DynamoDB ConsumedReadCapacityUnits', { TableName }).sum)
    .reduce((a, b) => a + b);
  const { sum: milliseconds, count: requests } = metric('AWS/Lambda Duration', { FunctionName: functionName });
  const writeUnits = cloud.tableCounts(table).writeUnits + cloud.tableCounts(checkpointTable).writeUnits;
  const usd =
    (writeUnits / 1e6) * PRICES.writeUnit.usd +
    (readUnits / 1e6) * PRICES.readUnit.usd +
    (milliseconds / 1000) * (256 / 1024) * PRICES.lambdaGbSecond.usd +
    (requests / 1e6) * PRICES.lambdaRequest.usd +
    ((taken.records + logged('effectsSent')) / 1e6) * PRICES.putUnit.usd +
    (PRICES.shardHour.usd + PRICES.extendedShardHour.usd) / 60;
  return (usd / HAPPENED.applied) * 1e6;
}

const EXPECTED: Readonly<Record<string, Readonly<Record<string, Expected>>>> = {
  'ProfilesDashboard: Lag': { IteratorAge: among(0), 'hours left before data loss': hoursLeft },
  'ProfilesDashboard: Freshness: arrival to commit, ms': { 'Freshness p50': among(1), 'Freshness p99': among(1) },
  'ProfilesDashboard: What becomes of events': {
    Applied: is(HAPPENED.applied),
    DuplicateByPosition: () => logged('duplicateByPosition'),
    DuplicateById: is(HAPPENED.duplicateById),
    Ignored: is(HAPPENED.ignored),
    Rejected: is(HAPPENED.rejected),
  },
  'ProfilesDashboard: Into the stream, percent of 1 shards': {
    bytes: () => (100 * stage.taken.bytes) / (60 * 1024 * 1024),
    records: () => (100 * stage.taken.records) / (60 * 1000),
  },
  'ProfilesDashboard: Event source mapping, records': {
    PolledEventCount: () => stage.taken.records,
    InvokedEventCount: () => logged('records'),
    FailedInvokeEventCount: among(1),
    DroppedEventCount: SILENT.discarded,
    OnFailureDestinationDeliveredEventCount: SILENT.discarded,
  },
  'ProfilesDashboard: Errors and retries': {
    Errors: is(1),
    Throttles: SILENT.unlimited,
    BlockedKeys: () => logged('blockedKeys'),
    BrokenBatches: () => logged('brokenBatches'),
  },
  'ProfilesDashboard: Duration of an invocation, ms': { 'Duration p50': among(0.1), 'Duration p99': among(0.1) },
  'ProfilesDashboard: Throttled by tables': {
    writes: is(HAPPENED.throttled),
    reads: is(HAPPENED.throttled),
    'writes, bySegment': SILENT.index,
    'writes, checkpoints': is(HAPPENED.throttled),
    'reads, checkpoints': is(HAPPENED.throttled),
  },
  'ProfilesDashboard: Effects': {
    EffectsSent: () => logged('effectsSent'),
    EffectsResent: is(HAPPENED.effectsResent),
    'refused by profile-updates': is(HAPPENED.throttled),
  },
  'ProfilesDashboard: Rejected': {
    Rejected: is(HAPPENED.rejected),
    Misrouted: is(HAPPENED.misrouted),
    FromFuture: is(HAPPENED.fromFuture),
  },
  'ProfilesDashboard: Waiting dead letters and on-failure messages': {
    'dead letters': is(HAPPENED.deadLetters),
    'on-failure messages': is(HAPPENED.onFailureMessages),
  },
  'ProfilesDashboard: Age of the oldest message, s': { 'dead letters': among(0), 'on-failure messages': among(0) },
  'ProfilesDashboard: Puts against the least possible': {
    Puts: () => stage.cloud.tableCounts(stage.table).puts,
    PutsBound: () => logged('putsBound'),
  },
  'ProfilesDashboard: Per event': {
    puts: () => stage.cloud.tableCounts(stage.table).puts / HAPPENED.applied,
    'write units': unitsPerEvent,
  },
  'ProfilesDashboard: Contention': {
    VersionConflicts: is(HAPPENED.versionConflicts),
    OwnWritesRecognised: is(HAPPENED.ownWritesRecognised),
    YoungIdsEvicted: is(HAPPENED.youngIdsEvicted),
  },
  'ProfilesDashboard: USD per million events, estimated at the prices of N. Virginia': {
    'USD per million events': cost,
  },
  'QueryDashboard: Requests': { Count: is(HAPPENED.asked) },
  'QueryDashboard: Refused and failed': { '4xx': is(HAPPENED.notFound), '5xx': is(HAPPENED.failedToAnswer) },
  'QueryDashboard: Latency, ms': {
    'Latency p50': among(0.1),
    'Latency p99': among(0.1),
    'IntegrationLatency p99': among(0.1),
  },
  'QueryDashboard: Function: duration, ms': { 'Duration p50': among(0.1), 'Duration p99': among(0.1) },
  'QueryDashboard: Function: errors and throttles': { Errors: is(0), Throttles: SILENT.unlimited },
  'QueryDashboard: Function: at once': { ConcurrentExecutions: is(1) },
  'OverviewDashboard: Lag: iterator age, ms': { profiles: among(0) },
  'OverviewDashboard: Freshness: p99 from arrival to commit, ms': { 'profiles p99': among(1) },
  'OverviewDashboard: Events applied': { profiles: is(HAPPENED.applied) },
  'OverviewDashboard: Hours left before data loss': { profiles: hoursLeft },
  'OverviewDashboard: Records into streams': {
    shop: () => stage.taken.records,
    'profile-updates': () => logged('effectsSent') + logged('effectsResent'),
  },
  'OverviewDashboard: Records that streams refused': {
    shop: is(HAPPENED.throttled),
    'profile-updates': is(HAPPENED.throttled),
  },
  'OverviewDashboard: Waiting dead letters': { profiles: is(HAPPENED.deadLetters) },
  'OverviewDashboard: Waiting on-failure messages': { profiles: is(HAPPENED.onFailureMessages) },
};

/** Points of our own graphs are minutes; those of the library's are five. */
const isOwn = ({ lines }: Graph): boolean =>
  lines.every(({ queries }) => queries.every(({ MetricStat, Period }) => (MetricStat?.Period ?? Period) === 60));
const nameOf = ({ dashboard, title }: Graph): string => `${dashboard}: ${title}`;
const keyOf = ({ label, stat }: Line): string => (stat?.startsWith('p') ? `${label} ${stat}` : label);

test('each graph of our own, and each of its lines, has a value that is expected', () => {
  const shown = graphs.filter(isOwn).map((graph) => [nameOf(graph), graph.lines.map(keyOf)]);
  expect(Object.fromEntries(shown)).toEqual(
    Object.fromEntries(Object.entries(EXPECTED).map(([name, lines]) => [name, Object.keys(lines)])),
  );
});

const LINES = Object.entries(EXPECTED).flatMap(([name, lines]) =>
  Object.entries(lines).map(([key, expected]) => ({ name, key, expected })),
);

test.each(LINES)('$name: $key', ({ name, key, expected }) => {
  const line = graphs.find((graph) => nameOf(graph) === name)?.lines.find((one) => keyOf(one) === key);
  const value = line && pointOf(line);
  if (typeof expected === 'function') expect(value).toBeCloseTo(expected(), 9);
  else if ('silent' in expected) expect(value).toBeUndefined();
  else {
    expect(value).toBeGreaterThanOrEqual(expected.least);
    expect(value).toBeLessThanOrEqual(expected.most);
  }
});

test('what the run could not know beforehand came about', () => {
  for (const name of ['duplicateByPosition', 'blockedKeys', 'brokenBatches', 'effectsSent', 'putsBound']) {
    expect([name, logged(name)]).toEqual([name, expect.any(Number)]);
    expect(logged(name)).toBeGreaterThan(0);
  }
  expect(unitsPerEvent()).toBeGreaterThan(stage.cloud.tableCounts(stage.table).puts / HAPPENED.applied);
  expect(stage.cloud.tableCounts(stage.table).indexWriteUnits).toBeGreaterThan(0);
});

/** AWS's own, that the library draws and the local cloud does not measure. */
const OF_AWS_ALONE = new Set([
  ...['ProvisionedConcurrencySpilloverInvocations', 'Throttles'].map((name) => `AWS/Lambda ${name}`),
  ...[
    ...['GetRecords', 'PutRecord', 'PutRecords'].flatMap((of) => [`${of}.Latency`, `${of}.Bytes`, `${of}.Success`]),
    'GetRecords.Records',
    ...['Total', 'Successful', 'Failed', 'Throttled'].map((which) => `PutRecords.${which}Records`),
  ].map((name) => `AWS/Kinesis ${name}`),
  'AWS/DynamoDB SystemErrors',
]);

test("the library's graphs show what the local cloud measures of the same resources, or what AWS alone does", () => {
  const metrics = graphs
    .filter((graph) => !isOwn(graph))
    .flatMap(({ lines }) =>
      lines.flatMap(({ queries }) => queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])),
    );
  expect(metrics.length).toBeGreaterThan(20);
  const unmeasured = metrics.filter(({ Namespace = '', MetricName = '', Dimensions = [] }) => {
    const dimensions = Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
    return metric(`${Namespace} ${MetricName}`, dimensions).count === 0;
  });
  expect(new Set(unmeasured.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`))).toEqual(OF_AWS_ALONE);
});

describe('saved queries of the log', () => {
  interface Query {
    readonly name: string;
    readonly text: string;
  }
  const queries = (): readonly Query[] =>
    readAssembly(stage.assemblyDir).stacks.flatMap(({ template }) =>
      Object.values(template.Resources).flatMap(({ Type, Properties }) =>
        Type === 'AWS::Logs::QueryDefinition'
          ? [{ name: String(Properties.Name).split('/').at(-1) ?? '', text: String(Properties.QueryString) }]
          : [],
      ),
    );

  /** Lambda's, in its report of an invocation (Telemetry API reference, `platform.report`): threads have no memory of their own. */
  const OF_LAMBDA_ALONE = ['record.metrics.maxMemoryUsedMB'];

  test('each finds lines, and every field that it names is in one of them', () => {
    expect(queries().length).toBeGreaterThan(3);
    for (const { name, text } of queries()) {
      const found = log.filter(matching(text));
      expect([name, found.length]).not.toEqual([name, 0]);
      const absent = namedFields(text).filter((field) => found.every((line) => valueAt(line, field) === undefined));
      expect([name, absent.filter((field) => !OF_LAMBDA_ALONE.includes(field))]).toEqual([name, []]);
    }
  });

  test('those about batches find every batch', () => {
    const about = queries().filter(({ name }) => name === 'what became of events, by minute');
    expect(about.map(({ text }) => log.filter(matching(text)).length)).toEqual([
      log.filter(({ failedFrom, records }) => failedFrom !== undefined || records !== undefined).length,
    ]);
  });
});
