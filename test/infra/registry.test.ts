import type { StreamManifest, SystemManifest } from '../../lambdas/core/manifest.ts';
import { checkRegistry, type Registry } from '../../lib/check-registry.ts';
import { realRegistry, synthesize } from './support/synth.ts';

const stream = (name: string, kplProducers = false): StreamManifest => ({ name, description: name, kplProducers });

const system = (name: string, changes: Partial<SystemManifest> = {}): SystemManifest => ({
  name,
  description: name,
  entry: 'unused',
  inputStream: 'shop',
  outputStreams: [],
  alertQueues: [],
  deduplication: 'recent',
  indexes: [],
  ...changes,
});

const registry = (systems: SystemManifest[], streams = [stream('shop'), stream('updates')]): Registry => ({
  streams,
  systems,
});

const problemOf = (of: Registry, factor?: number): string => {
  try {
    checkRegistry(of, () => factor);
  } catch (error) {
    return String(error);
  }
  return 'no problem';
};

test('the real registry can be deployed', () => expect(problemOf(realRegistry)).toBe('no problem'));

describe('what would lose or double events is refused at synth', () => {
  test.each<[string, Registry, number | undefined, string]>([
    [
      'recent ids on a stream that a processor writes, whose repeats may be hours late',
      registry([system('a', { outputStreams: ['updates'] }), system('b', { inputStream: 'updates' })]),
      undefined,
      'systems.b.deduplication: recent forgets ids after minutes, but updates is written by a',
    ],
    [
      'an effect to the own input stream',
      registry([system('a', { outputStreams: ['shop'] })]),
      undefined,
      'systems.a.outputStreams: shop is its input stream as well',
    ],
    [
      'lanes that mix the keys of KPL aggregates',
      registry([system('a')], [stream('shop', true)]),
      2,
      'parallelizationFactor is 2, but system a reads shop, whose KPL producers',
    ],
    [
      'an input stream that nobody has',
      registry([system('a', { inputStream: 'shoop' })]),
      undefined,
      'systems.a.inputStream: no stream is called shoop; there are: shop, updates',
    ],
    [
      'an output stream that nobody has',
      registry([system('a', { outputStreams: ['nowhere'] })]),
      undefined,
      'systems.a.outputStreams: no stream is called nowhere',
    ],
    ['a system that is there twice', registry([system('a'), system('a')]), undefined, 'system a is there twice'],
    [
      'a stream that is there twice',
      registry([system('a')], [stream('shop'), stream('shop')]),
      undefined,
      'stream shop is there twice',
    ],
    [
      'an index on an attribute of the protocol',
      registry([
        system('a', {
          indexes: [
            { name: 'i', partitionKey: 'p', sortKey: { name: 's', type: 'string' }, projected: ['_pos'], shards: 1 },
          ],
        }),
      ]),
      undefined,
      'systems.a.indexes.i: _pos belongs to the protocol',
    ],
  ])('%s', (_, of, factor, problem) => expect(problemOf(of, factor)).toContain(problem));

  test('and the app refuses it as a whole', () => {
    expect(() => synthesize({ parallelizationFactor: '2' }, registry([system('a')], [stream('shop', true)]))).toThrow(
      'KPL producers',
    );
  });
});

test('a factor of 1 suits a stream with KPL producers, and is what its mapping gets if nothing is set', () => {
  const kpl = registry([system('a')], [stream('shop', true)]);
  expect(problemOf(kpl, 1)).toBe('no problem');
  const { properties } = synthesize({}, kpl).one('AWS::Lambda::EventSourceMapping');
  expect(properties.ParallelizationFactor).toBe(1);
});

describe('a new system is one line in the registry', () => {
  const templates = synthesize(
    { stage: 'prod' },
    registry([
      system('a', { outputStreams: ['updates'], alertQueues: ['fraud'] }),
      system('visits', {
        indexes: [
          { name: 'byDay', partitionKey: 'day', sortKey: { name: 'n', type: 'number' }, projected: [], shards: 4 },
        ],
      }),
    ]),
  );

  test('with a function, mapping, role, two tables, two queues and a dashboard of its own', () => {
    const count = (type: string) => templates.resources(type).filter(({ path }) => path.includes('/Visits')).length;
    expect(
      [
        'Lambda::Function',
        'Lambda::EventSourceMapping',
        'IAM::Role',
        'DynamoDB::Table',
        'SQS::Queue',
        'CloudWatch::Dashboard',
      ].map((type) => count(`AWS::${type}`)),
    ).toEqual([1, 1, 1, 2, 2, 1]);
  });

  test('with outputs by which tools find it', () => {
    expect(Object.keys(templates.stateful.Outputs ?? {})).toEqual(
      expect.arrayContaining([
        'VisitsTableName',
        'VisitsDeadLetterQueueUrl',
        'VisitsOnFailureQueueUrl',
        'FraudAlertQueueUrl',
      ]),
    );
  });

  test('that cannot touch what belongs to another one', () => {
    const policy = templates.one('AWS::IAM::Policy', 'Visits/Function/Role/DefaultPolicy/Resource');
    const touched = policy.properties.PolicyDocument.Statement.flatMap((s: { Resource: unknown }) => s.Resource).map(
      (resource: unknown) => templates.readable(policy.stack, resource),
    );
    expect(touched.filter((name: string) => /<(A|Fraud|Updates)[A-Z/]/.test(name))).toEqual([]);
    expect(touched).toContain('<VisitsTable/Table.Arn>');
  });

  test('whose alert queue it may fill and knows by its variable', () => {
    const fn = templates.one('AWS::Lambda::Function', '/A/Function/Resource/Resource');
    expect(templates.readable(fn.stack, fn.properties.Environment.Variables.QUEUE_FRAUD)).toBe('<FraudAlertQueue>');
    const policy = templates.one('AWS::IAM::Policy', '/A/Function/Role/DefaultPolicy/Resource');
    const send = policy.properties.PolicyDocument.Statement.find(
      (s: { Action: unknown }) => s.Action === 'sqs:SendMessage',
    );
    expect(send.Resource.map((r: unknown) => templates.readable(policy.stack, r))).toContain('<FraudAlertQueue.Arn>');
  });

  test('whose index without projected attributes holds keys alone', () => {
    const { properties } = templates.one('AWS::DynamoDB::Table', 'VisitsTable/Table/Resource');
    expect(properties.GlobalSecondaryIndexes[0].Projection).toEqual({ ProjectionType: 'KEYS_ONLY' });
    expect(properties.AttributeDefinitions).toContainEqual({ AttributeName: 'n', AttributeType: 'N' });
  });
});
