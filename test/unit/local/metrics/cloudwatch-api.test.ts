import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  GetMetricDataCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  PutMetricAlarmCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { type Front, startServer } from '../../../../local/emulators/front.ts';
import { AlarmBook } from '../../../../local/metrics/alarm-book.ts';
import { cloudWatchApi } from '../../../../local/metrics/cloudwatch-api.ts';
import { compositeAlarm, errorAlarm, errors, START_MS } from './alarms.ts';

const { store, put } = errors();
const alarms = [
  errorAlarm('orders-errors'),
  errorAlarm('orders-stale'),
  errorAlarm('carts-errors'),
  compositeAlarm('orders-any', 'ALARM("orders-errors") OR ALARM("orders-stale")'),
];
const time = (seconds: number) => new Date(START_MS + seconds * 1000);

let front: Front;
let client: CloudWatchClient;

beforeAll(async () => {
  put('orders-errors', 10, 1, 3);
  put('orders-errors', 130, 5);
  const book = new AlarmBook(store, alarms, START_MS);
  book.evaluate(START_MS + 62_000);
  front = await startServer(cloudWatchApi({ store, book }));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new CloudWatchClient({ endpoint: front.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await front.close();
});

const BOTH = ['MetricAlarm', 'CompositeAlarm'] as const;

test.each<[DescribeAlarmsCommandInput, string[]]>([
  [{}, ['orders-errors', 'orders-stale', 'carts-errors']],
  [{ AlarmTypes: [...BOTH] }, ['orders-errors', 'orders-stale', 'carts-errors', 'orders-any']],
  [{ AlarmTypes: ['CompositeAlarm'] }, ['orders-any']],
  [{ AlarmNamePrefix: 'orders-' }, ['orders-errors', 'orders-stale']],
  [{ StateValue: 'ALARM', AlarmTypes: [...BOTH] }, ['orders-errors', 'orders-any']],
  [{ StateValue: 'OK', AlarmNamePrefix: 'orders-' }, ['orders-stale']],
  [{ StateValue: 'INSUFFICIENT_DATA' }, []],
  [{ AlarmNames: ['carts-errors', 'gone'] }, ['carts-errors']],
])('alarms by %j', async (by, names) => {
  const { MetricAlarms = [], CompositeAlarms = [], NextToken } = await client.send(new DescribeAlarmsCommand(by));
  expect([...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName)).toEqual(names);
  expect(NextToken).toBeUndefined();
});

test('pages hold every alarm once, filtered before they are cut', async () => {
  const pages: string[][] = [];
  const input = { AlarmTypes: [...BOTH], AlarmNamePrefix: 'orders-' };
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
    { client, pageSize: 2 },
    input,
  )) {
    pages.push([...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = '' }) => AlarmName));
  }
  expect(pages).toEqual([['orders-errors', 'orders-stale'], ['orders-any']]);
});

test('an alarm is described with its definition, its state and times', async () => {
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['orders-errors'] }));
  expect(MetricAlarms).toMatchObject([
    {
      StateValue: 'ALARM',
      StateUpdatedTimestamp: time(62),
      AlarmConfigurationUpdatedTimestamp: time(0),
      MetricName: 'Errors',
      Dimensions: [{ Name: 'processor', Value: 'orders-errors' }],
      Statistic: 'Sum',
      Threshold: 0,
      TreatMissingData: 'notBreaching',
      ActionsEnabled: true,
    },
  ]);
});

const errorsOf = (Id: string, Stat: string): MetricDataQuery => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: 'Millrace',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'processor', Value: 'orders-errors' }],
    },
    Period: 60,
    Stat,
  },
});

const dataOf = async (queries: MetricDataQuery[], more: { ScanBy?: 'TimestampAscending' } = {}) => {
  const range = { StartTime: time(0), EndTime: time(180) };
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({ MetricDataQueries: queries, ...range, ...more }),
  );
  return MetricDataResults.map(({ Id, Timestamps, Values }) => ({ Id, Timestamps, Values }));
};

describe('data of metrics', () => {
  test('the newest comes first, and minutes without data are left out', async () => {
    expect(await dataOf([errorsOf('sum', 'Sum'), errorsOf('most', 'Maximum')])).toEqual([
      { Id: 'sum', Timestamps: [time(120), time(0)], Values: [5, 4] },
      { Id: 'most', Timestamps: [time(120), time(0)], Values: [5, 3] },
    ]);
  });

  test('an expression fills the gaps, and what it is made of is not returned', async () => {
    const queries = [
      { Id: 'twice', Expression: 'FILL(m, 0) * 2' },
      { ...errorsOf('m', 'Sum'), ReturnData: false },
    ];
    expect(await dataOf(queries, { ScanBy: 'TimestampAscending' })).toEqual([
      { Id: 'twice', Timestamps: [time(0), time(60), time(120)], Values: [8, 0, 10] },
    ]);
  });

  test.each<[MetricDataQuery, string]>([
    [{ Id: 'e', Expression: 'RATE(m)' }, 'the function RATE'],
    [{ Id: 'e', Expression: 'n + 1' }, 'there is no metric or expression n'],
    [errorsOf('e', 'IQM'), 'the statistic IQM'],
  ])('%j is refused by name', async (query, problem) => {
    await expect(dataOf([query, errorsOf('m', 'Sum')])).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(problem),
    });
  });
});

test('metrics are listed by a dimension', async () => {
  const asked = { Namespace: 'Millrace', Dimensions: [{ Name: 'processor' }] };
  const { Metrics } = await client.send(new ListMetricsCommand(asked));
  const Dimensions = [{ Name: 'processor', Value: 'orders-errors' }];
  expect(Metrics).toEqual([{ Namespace: 'Millrace', MetricName: 'Errors', Dimensions }]);
  const none = { Dimensions: [{ Name: 'processor', Value: 'carts-errors' }] };
  expect((await client.send(new ListMetricsCommand(none))).Metrics).toEqual([]);
});

test('operations and members that are not carried out are refused by name', async () => {
  const change = { AlarmName: 'a', ComparisonOperator: 'LessThanThreshold', EvaluationPeriods: 1 } as const;
  await expect(client.send(new PutMetricAlarmCommand(change))).rejects.toThrow(/does not know PutMetricAlarm/);
  const asked = new DescribeAlarmsCommand({ ActionPrefix: 'arn:aws:sns' });
  await expect(client.send(asked)).rejects.toThrow(/ActionPrefix/);
});
