import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { profilesRegistry, synthesize } from './support/synth.ts';

describe('settings that do not fit the registry are refused at synth', () => {
  test.each([
    [{ systems: '["profile"]' }, 'stages.dev.systems: no system is called profile; there are: profiles'],
    [{ perSystem: '{"shop":{}}' }, 'stages.dev.perSystem: no system is called shop; there are: profiles'],
    [{ producers: '{"shoop":["333333333333"]}' }, 'stages.dev.producers: no stream is called shoop'],
    [{ producers: '{"profile-updates":["333333333333"]}' }, 'producers: systems write profile-updates'],
  ])('%j', (context, problem) => expect(() => synthesize(context)).toThrow(problem));

  describe('where producers use the KPL', () => {
    const kpl = { ...profilesRegistry, streams: profilesRegistry.streams.map((s) => ({ ...s, kplProducers: true })) };

    test.each([
      ['enhanced fan-out', { consumer: 'enhanced-fan-out' }, 'consumer is enhanced-fan-out, but system profiles reads'],
      [
        'enhanced fan-out of the system',
        { perSystem: { profiles: { consumer: 'enhanced-fan-out' } } },
        'consumer is enhanced-fan-out, but system profiles reads shop',
      ],
      [
        'parallel batches of the system',
        { perSystem: { profiles: { parallelizationFactor: 2 } } },
        'parallelizationFactor is 2, but system profiles reads shop',
      ],
    ])('%s', (_, context, problem) => expect(() => synthesize(context, kpl)).toThrow(problem));

    test('a system may have a factor of 1 in a stage with another one', () => {
      const context = { parallelizationFactor: 4, perSystem: { profiles: { parallelizationFactor: 1 } } };
      const { properties } = synthesize(context, kpl).one('AWS::Lambda::EventSourceMapping');
      expect(properties.ParallelizationFactor).toBe(1);
    });
  });
});

test('a stage with some of the systems has them alone, with the streams that they read and write', () => {
  const other = { ...profiles, name: 'visits', inputStream: 'clicks', outputStreams: [], routes: [] };
  const clicks = { name: 'clicks', description: 'clicks', kplProducers: false };
  const registry = {
    systems: [...profilesRegistry.systems, other],
    streams: [...profilesRegistry.streams, clicks],
  };
  const streams = (context: object) =>
    synthesize({ ...context }, registry)
      .resources('AWS::Kinesis::Stream')
      .map(({ path }) => path.split('/')[1]);
  expect(streams({ systems: ['visits'] })).toEqual(['ClicksStream']);
  expect(streams({})).toEqual(['ShopStream', 'ProfileUpdatesStream', 'ClicksStream']);
});
