import { spawnSync } from 'node:child_process';
import { ConfigError, loadStage, parseSettings } from '../../lib/config.ts';
import { stageDefaults } from '../../lib/stages.ts';

const problemOf = (context: Readonly<Record<string, unknown>>): string => {
  try {
    loadStage(context);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no problem';
};

describe('a stage', () => {
  test.each(Object.keys(stageDefaults))('%s has settings that can be used', (stage) => {
    expect(loadStage({ stage }).name).toBe(stage);
  });

  test('is dev unless the context names one', () => expect(loadStage({}).name).toBe('dev'));

  test('that nobody defined is refused with those that are', () => {
    expect(problemOf({ stage: 'staging' })).toBe('stage "staging" is unknown; allowed: local, dev, prod');
  });

  test.each(['constructor', '__proto__', 'toString'])('is not %s, which every object has', (stage) => {
    expect(problemOf({ stage })).toContain('is unknown');
  });
});

describe('a setting', () => {
  test('of the command line, where everything is text, takes the place of the stage default', () => {
    const { settings } = loadStage({ stage: 'local', shards: '4', replayMode: 'true', namePrefix: 'shop' });
    expect(settings).toMatchObject({ shards: 4, replayMode: true, namePrefix: 'shop' });
  });

  test('with parts arrives as JSON', () => {
    const { settings } = loadStage({ tags: '{"team":"shop"}', perSystem: '{"profiles":{"batchSize":100}}' });
    expect(settings).toMatchObject({ tags: { team: 'shop' }, perSystem: { profiles: { batchSize: 100 } } });
  });

  test('with digits that are no number stays text', () => {
    expect(loadStage({ account: '012345678901' }).settings.account).toBe('012345678901');
  });

  test.each([
    [{ batchSize: '20000' }, 'stages.dev.batchSize is 20000; allowed: a whole number from 1 to 10000'],
    [{ batchSize: '0' }, 'stages.dev.batchSize is 0; allowed: a whole number from 1 to 10000'],
    [{ batchSize: '2.5' }, 'stages.dev.batchSize is "2.5"; allowed: a whole number from 1 to 10000'],
    [{ parallelizationFactor: '11' }, 'stages.dev.parallelizationFactor is 11; allowed: a whole number from 1 to 10'],
    [{ streamMode: 'auto' }, 'stages.dev.streamMode is "auto"; allowed: provisioned or on-demand'],
    [{ logRetentionDays: '8' }, 'stages.dev.logRetentionDays is 8; allowed: one of 1, 3, 5, 7, 14, 30'],
    [{ replayMode: 'yes' }, 'stages.dev.replayMode is "yes"; allowed: true or false'],
    [{ account: '1234' }, 'stages.dev.account is 1234; allowed: an AWS account id of 12 digits'],
    [{ region: 'Frankfurt' }, 'stages.dev.region is "Frankfurt"; allowed: an AWS region such as eu-central-1'],
    [{ namePrefix: 'My_Shop' }, 'allowed: up to 20 lower-case letters, digits and hyphens'],
    [{ alarmTopicArn: 'my-topic' }, 'stages.dev.alarmTopicArn is "my-topic"; allowed: the ARN of an SNS topic'],
    [
      { perSystem: '{"profiles":{"batchSize":0}}' },
      'stages.dev.perSystem.profiles.batchSize is 0; allowed: a whole number from 1 to 10000',
    ],
    [
      { perSystem: '{"profiles":{"shards":2}}' },
      'stages.dev.perSystem.profiles: no such setting: shards; allowed: settings of single systems',
    ],
    [{ tags: '{"team":' }, 'stages.dev.tags is "{\\"team\\":"; allowed: up to 40 tags'],
    [{ tags: '{"millrace-stage":"x"}' }, 'allowed: up to 40 tags'],
    [{ systems: '[]' }, 'stages.dev.systems is []; allowed: a list of names of systems of the registry'],
    [{ startingPosition: 'LATEST' }, 'startingPosition is "LATEST"; allowed: TRIM_HORIZON, or a time'],
    [{ consumer: 'fast' }, 'stages.dev.consumer is "fast"; allowed: shared or enhanced-fan-out'],
    [{ vpcId: 'vpc-0123456789abcdef0' }, 'with subnetIds and securityGroupIds, or left out like both'],
    [{ dataKeyArn: 'alias/events' }, 'stages.dev.dataKeyArn is "alias/events"; allowed: the ARN of a KMS key'],
    [{ permissionsBoundaryArn: 'Boundary' }, 'allowed: the ARN of an IAM policy'],
    [{ producers: '{"shop":["*"]}' }, 'stages.dev.producers.shop.0 is "*"; allowed: account ids or ARNs of roles'],
    [
      {
        producers: '{"shop":["333333333333"]}',
        existingStreams: '{"shop":{"arn":"arn:aws:kinesis:eu-central-1:111111111111:stream/s","retentionHours":168}}',
      },
      'allowed: only streams that the stage makes: who may put on an existing one is in the hands of its owner',
    ],
    [{ monthlyBudgetUsd: '0' }, 'allowed: a whole number from 1 to 10000000'],
    [
      {
        stage: 'prod',
        existingStreams: '{"shop":{"arn":"arn:aws:kinesis:eu-central-1:111111111111:stream/s","retentionHours":48}}',
      },
      'stages.prod.timeLeftHours is 72; allowed: so few',
    ],
    [
      { stage: 'prod', shards: '4' },
      'stages.prod.shards is 4; allowed: a number of 1 or more if streamMode is provisioned, left out if',
    ],
    [{ stage: 'prod', streamMode: 'provisioned' }, 'stages.prod.shards is not set; allowed: a number of 1 or more'],
    [
      { iteratorAgeWarningMinutes: '90' },
      'iteratorAgeWarningMinutes is 90; allowed: less than iteratorAgeCriticalMinutes',
    ],
    [
      { stage: 'prod', retentionDays: '2' },
      'stages.prod.timeLeftHours is 72; allowed: so few that iteratorAgeCriticalMinutes comes earlier',
    ],
  ])('%j is refused by path, value and what is allowed', (context, message) => {
    expect(problemOf(context)).toContain(message);
  });

  test('with a typing error is refused, not ignored', () => {
    const problem = problemOf({ shrads: '4' });
    expect(problem).toContain('no such setting: shrads; allowed: account, region, ');
    expect(problem).toContain(', shards, ');
  });

  test('that belongs to CDK is left to CDK', () => {
    expect(problemOf({ '@aws-cdk/core:x': true, 'aws:cdk:bundling-stacks': [], 'cli-telemetry': false })).toBe(
      'no problem',
    );
  });

  test('is reported with all others that are wrong', () => {
    expect(problemOf({ batchSize: '0', memoryMb: '1' }).split('\n')).toHaveLength(3);
  });

  test('is not there for a stage that forgot it', () => {
    expect(() => parseSettings('dev', {})).toThrow('stages.dev.streamMode is not set');
  });
});

test('a wrong setting fails the synth, before anything is built', () => {
  const app = `${import.meta.dirname}/../../bin/app.ts`;
  const context = JSON.stringify({ stage: 'prod', memoryMb: '64' });
  const { status, stderr } = spawnSync(process.execPath, [app], {
    env: { ...process.env, NODE_OPTIONS: '', CDK_CONTEXT_JSON: context },
    encoding: 'utf8',
  });
  expect(status).not.toBe(0);
  expect(stderr).toContain('stages.prod.memoryMb is 64; allowed: a whole number from 128 to 10240');
});
