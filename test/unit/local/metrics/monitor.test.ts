import type { Clock } from '../../../../local/esm/ports.ts';
import type { Alarm } from '../../../../local/metrics/alarm.ts';
import { AlarmBook } from '../../../../local/metrics/alarm-book.ts';
import { Monitor } from '../../../../local/metrics/monitor.ts';
import { type VirtualClock, virtualClock } from '../../../support/virtual-clock.ts';
import { compositeAlarm, errorAlarm, errors, START_MS, TOPIC } from './alarms.ts';

const clockOf = (virtual: VirtualClock): Clock => ({
  now: virtual.now,
  at: (timeMs, callback) => {
    const cancelled = new AbortController();
    const due = virtual.sleep(timeMs - virtual.now(), cancelled.signal);
    due.then(callback, () => undefined);
    return () => cancelled.abort();
  },
});

interface Sent {
  readonly seconds: number;
  readonly action: string;
  readonly subject: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** A monitor that starts 5 s into a minute; `refuse` says which notifications do not arrive. */
function monitored(alarms: Alarm[], refuse: (action: string) => boolean = () => false) {
  const virtual = virtualClock(START_MS + 5_000);
  const { store, put } = errors();
  const book = new AlarmBook(store, alarms, START_MS);
  const sent: Sent[] = [];
  const failures: string[] = [];
  const sampled: number[] = [];
  const seconds = () => (virtual.now() - START_MS) / 1000;
  const ports = {
    sample: async () => {
      sampled.push(seconds());
      if (sampled.length === 2) throw new Error('no queues');
    },
    notify: async (action: string, { subject, message }: { subject: string; message: string }) => {
      if (refuse(action)) throw new Error('no such topic');
      sent.push({ seconds: seconds(), action, subject, message: JSON.parse(message) });
    },
    failed: (what: string, error: unknown) => failures.push(`${what}: ${(error as Error).message}`),
  };
  const monitor = new Monitor(book, ports, clockOf(virtual));
  /** Lets time pass until so many seconds after the start. */
  const until = (end: number) => virtual.run(virtual.sleep(START_MS + end * 1000 - virtual.now()));
  return { monitor, book, put, sent, failures, sampled, until };
}

const states = (sent: readonly Sent[]) => sent.map(({ seconds, message }) => [seconds, message.NewStateValue]);

test('each change of state is sent once, just after the minute that made it', async () => {
  const { monitor, put, sent, until } = monitored([errorAlarm('a')]);
  monitor.start();
  put('a', 10, 1);
  put('a', 70, 0);
  await until(600);
  expect(states(sent)).toEqual([
    [62, 'ALARM'],
    [122, 'OK'],
  ]);
  put('a', 610, 1);
  await until(900);
  expect(states(sent).slice(2)).toEqual([
    [662, 'ALARM'],
    [842, 'OK'],
  ]);
  await monitor.stop();
});

test('the message has the members of a notification of CloudWatch', async () => {
  const { monitor, book, put, sent, until } = monitored([
    errorAlarm('a', { AlarmDescription: 'See the runbook', DatapointsToAlarm: 1 }),
  ]);
  monitor.start();
  put('a', 10, 3);
  await until(63);
  await monitor.stop();
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ action: TOPIC, subject: 'ALARM: "a" in US East (N. Virginia)' });
  expect(sent[0]?.message).toEqual({
    AlarmName: 'a',
    AlarmDescription: 'See the runbook',
    AWSAccountId: '000000000000',
    AlarmConfigurationUpdatedTimestamp: '2026-11-21T02:00:00.000+0000',
    NewStateValue: 'ALARM',
    NewStateReason: book.state('a').reason,
    StateChangeTime: '2026-11-21T02:01:02.000+0000',
    Region: 'US East (N. Virginia)',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a',
    OldStateValue: 'INSUFFICIENT_DATA',
    OKActions: [TOPIC],
    AlarmActions: [TOPIC],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'Errors',
      Namespace: 'Millrace',
      StatisticType: 'Statistic',
      Statistic: 'SUM',
      Unit: null,
      Dimensions: [{ value: 'a', name: 'processor' }],
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      TreatMissingData: 'notBreaching',
      EvaluateLowSampleCountPercentile: '',
    },
  });
});

test('a composite alarm names the alarms that set it off, and is sent after them', async () => {
  const { monitor, put, sent, until } = monitored([
    compositeAlarm('any', 'ALARM("a") OR ALARM("b")'),
    errorAlarm('a'),
    errorAlarm('b', { ActionsEnabled: false }),
  ]);
  monitor.start();
  put('a', 10, 1);
  await until(63);
  await monitor.stop();
  expect(sent.map(({ message }) => message.AlarmName)).toEqual(['a', 'any']);
  expect(sent[1]?.message).toMatchObject({
    AlarmRule: 'ALARM("a") OR ALARM("b")',
    TriggeringChildren: [
      {
        Arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a',
        State: { Value: 'ALARM', Timestamp: '2026-11-21T02:01:02.000+0000' },
      },
    ],
  });
  expect(sent[1]?.message).not.toHaveProperty('Trigger');
});

test('an alarm whose actions are off changes its state in silence', async () => {
  const { monitor, book, put, sent, until } = monitored([errorAlarm('a', { ActionsEnabled: false })]);
  monitor.start();
  put('a', 10, 1);
  await until(63);
  await monitor.stop();
  expect(book.state('a').value).toBe('ALARM');
  expect(sent).toEqual([]);
});

test('a subject is cut to the 100 characters that SNS takes', async () => {
  const name = 'n'.repeat(200);
  const { monitor, put, sent, until } = monitored([errorAlarm(name)]);
  monitor.start();
  put(name, 10, 1);
  await until(63);
  await monitor.stop();
  expect(sent[0]?.subject).toHaveLength(100);
});

test('a notification that fails is told, loses neither the state nor the other actions, and the next change is sent', async () => {
  const gone = `${TOPIC}-gone`;
  const { monitor, book, put, sent, failures, until } = monitored(
    [errorAlarm('a', { AlarmActions: [gone, TOPIC] })],
    (action) => action === gone,
  );
  monitor.start();
  put('a', 10, 1);
  await until(63);
  expect(book.state('a')).toMatchObject({ value: 'ALARM', sinceMs: START_MS + 62_000 });
  put('a', 70, 0);
  await until(300);
  await monitor.stop();
  expect(states(sent)).toEqual([
    [62, 'ALARM'],
    [122, 'OK'],
  ]);
  expect(failures).toContain(`alarm a could not notify ${gone}: no such topic`);
});

test('it samples at once and once a minute, past a sample that fails, until it is stopped', async () => {
  const { monitor, sampled, failures, until } = monitored([]);
  monitor.start();
  await until(200);
  await monitor.stop();
  await until(600);
  expect(sampled).toEqual([5, 62, 122, 182]);
  expect(failures).toEqual(['queues could not be measured: no queues']);
});
