import type { Alarm } from '../../../../local/metrics/alarm.ts';
import { AlarmBook } from '../../../../local/metrics/alarm-book.ts';
import { AlarmError } from '../../../../local/metrics/alarm-definition.ts';
import { compositeAlarm, errorAlarm, errors, START_MS } from './alarms.ts';

const at = (seconds: number) => START_MS + seconds * 1000;

describe('the states of alarms', () => {
  test('a new alarm has no data, changes once, and stays as it is while nothing changes', () => {
    const { store, put } = errors();
    const book = new AlarmBook(store, [errorAlarm('a')], START_MS);
    expect(book.state('a')).toMatchObject({ value: 'INSUFFICIENT_DATA', sinceMs: START_MS });
    put('a', 10, 1, 2);
    expect(book.evaluate(at(62))).toMatchObject([{ from: 'INSUFFICIENT_DATA', to: { value: 'ALARM' } }]);
    expect(book.evaluate(at(70))).toEqual([]);
    expect(book.state('a')).toMatchObject({ value: 'ALARM', sinceMs: at(62) });
    expect(book.state('a').reason).toContain('1 of the last 1 datapoints [newest first: 3]');
  });

  test('a minute counts only once it is over', () => {
    const { store, put } = errors();
    const book = new AlarmBook(store, [errorAlarm('a')], START_MS);
    put('a', 60, 1);
    book.evaluate(at(119));
    expect(book.state('a').value).toBe('OK');
    book.evaluate(at(120));
    expect(book.state('a').value).toBe('ALARM');
  });

  test('an alarm on throttles of DynamoDB keeps its state without data, whatever it says', () => {
    const { store } = errors();
    const book = new AlarmBook(store, [errorAlarm('a', { Namespace: 'AWS/DynamoDB' })], START_MS);
    expect(book.evaluate(at(62))).toEqual([]);
  });

  test('composite alarms see each other in one evaluation, in whatever order they stand', () => {
    const { store, put } = errors();
    const top = compositeAlarm('top', 'ALARM("middle") AND OK("b")');
    const middle = compositeAlarm('middle', 'ALARM("a") OR ALARM("b")');
    const book = new AlarmBook(store, [top, middle, errorAlarm('a'), errorAlarm('b')], START_MS);
    put('a', 10, 1);
    book.evaluate(at(62));
    expect(['a', 'b', 'middle', 'top'].map((name) => book.state(name).value)).toEqual([
      'ALARM',
      'OK',
      'ALARM',
      'ALARM',
    ]);
    put('b', 70, 1);
    book.evaluate(at(122));
    expect(book.state('top')).toMatchObject({ value: 'OK', reason: 'middle is ALARM, b is ALARM', sinceMs: at(122) });
  });

  test('an alarm whose definition is replaced keeps its state and goes by the new one', () => {
    const { store, put } = errors();
    const alarms = [errorAlarm('a')];
    const book = new AlarmBook(store, alarms, START_MS);
    put('a', 10, 1);
    book.evaluate(at(62));
    alarms[0] = errorAlarm('a', { Threshold: 5 });
    expect(book.state('a').value).toBe('ALARM');
    expect(book.evaluate(at(63))).toMatchObject([{ from: 'ALARM', to: { value: 'OK' } }]);
  });

  test('an expression is compared with the threshold, its metrics are not', () => {
    const { store, put } = errors();
    const { Namespace, MetricName, Dimensions, Period, Statistic, ...rest } = errorAlarm('a').properties;
    const metric = { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: Statistic };
    const Metrics = [
      { Id: 'e', Expression: 'FILL(m, 0) - 10' },
      { Id: 'm', MetricStat: metric, ReturnData: false },
    ];
    const book = new AlarmBook(store, [{ ...errorAlarm('a'), properties: { ...rest, Metrics } }], START_MS);
    put('a', 10, 10);
    put('a', 70, 11);
    book.evaluate(at(62));
    expect(book.state('a').value).toBe('OK');
    book.evaluate(at(122));
    expect(book.state('a').value).toBe('ALARM');
  });
});

describe('an alarm that cannot be evaluated is refused when it is made', () => {
  const expression = (Expression: string) => ({ Id: 'e', Expression });
  test.each<[string, Alarm[], string]>([
    ['an alarm that is not there', [compositeAlarm('c', 'ALARM("gone")')], 'composite alarm c: there is no alarm gone'],
    [
      'composite alarms that need each other',
      [compositeAlarm('c', 'NOT OK("d")'), compositeAlarm('d', 'OK("c")')],
      'composite alarms need each other: c → d → c',
    ],
    ['a malformed rule', [compositeAlarm('c', 'ALARM("a") OR')], 'Stateless/Logicalc: alarm rule ALARM("a") OR'],
    ['a statistic', [errorAlarm('a', { Statistic: 'TM(10%:90%)' })], 'Stateless/Logicala: the local cloud does not'],
    ['a function', [errorAlarm('a', { Metrics: [expression('RATE(m)')] })], 'the function RATE'],
    ['an id', [errorAlarm('a', { Metrics: [expression('m + 1')] })], 'there is no metric or expression m'],
    ['two results', [errorAlarm('a', { Metrics: [expression('1'), { Id: 'f', Expression: '2' }] })], 'this one 2'],
    ['a property', [errorAlarm('a', { EvaluationInterval: 5 })], 'EvaluationInterval'],
    ['a comparison', [errorAlarm('a', { ComparisonOperator: 'GreaterThanUpperThreshold' })], 'ComparisonOperator'],
  ])('%s', (_, alarms, problem) => {
    const make = () => new AlarmBook(errors().store, alarms, START_MS).all();
    expect(make).toThrow(AlarmError);
    expect(make).toThrow(problem);
  });
});
