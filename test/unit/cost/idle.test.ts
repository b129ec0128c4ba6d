import { idleMonth, totalOf, UnpricedType } from '../../../lib/cost/idle.ts';

const stream = (properties: object) => ({ type: 'AWS::Kinesis::Stream', properties });
const total = (...resources: Parameters<typeof idleMonth>[0]) => totalOf(idleMonth(resources));

test.each<[string, object, number]>([
  ['on demand', { StreamModeDetails: { StreamMode: 'ON_DEMAND' }, RetentionPeriodHours: 168 }, 730 * 0.04],
  ['of two shards', { ShardCount: 2, RetentionPeriodHours: 24 }, 2 * 730 * 0.015],
  ['of two shards that keep records for a week', { ShardCount: 2, RetentionPeriodHours: 168 }, 2 * 730 * 0.035],
])('a stream %s', (_, properties, usd) => expect(total(stream(properties))).toBeCloseTo(usd, 9));

test('an alarm on an expression is billed for each metric in it, and not for the expression', () => {
  const Metrics = [{ Expression: 'a + b' }, { MetricStat: {} }, { MetricStat: {} }];
  const simple = { type: 'AWS::CloudWatch::Alarm', properties: { MetricName: 'Errors' } };
  expect(total(simple, { type: 'AWS::CloudWatch::Alarm', properties: { Metrics } })).toBeCloseTo(0.3, 9);
});

test('a type that nobody has judged is refused by its name', () => {
  const gateway = { type: 'AWS::EC2::NatGateway', properties: {} };
  expect(() => idleMonth([gateway])).toThrow(UnpricedType);
  expect(() => idleMonth([gateway])).toThrow(/AWS::EC2::NatGateway/);
});

test('what is free while nothing happens is no line', () => {
  expect(idleMonth([{ type: 'AWS::Lambda::Function', properties: {} }])).toEqual([]);
});
