import { readFileSync } from 'node:fs';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { settingsSchema } from '../../lib/settings.ts';
import { addStage } from '../../lib/stacks/stage.ts';
import { settingsPage } from '../../scripts/settings/page.ts';
import { onOurs, onTheirs, settingsInUse, THEIRS } from './support/every-setting.ts';
import { statementsOf } from './support/policy.ts';
import { newApp, noCode, profilesRegistry, synthesize } from './support/synth.ts';

const theirs = synthesize(onTheirs);
const ours = synthesize(onOurs);

test('docs/settings.md is what the settings say', () => {
  const page = readFileSync(`${import.meta.dirname}/../../docs/settings.md`, 'utf8');
  expect({ page, hint: 'npm run settings' }).toEqual({ page: settingsPage(), hint: 'npm run settings' });
});

test('the two stages below use every setting there is', () => {
  expect([...settingsInUse()].sort()).toEqual(Object.keys(settingsSchema.shape).sort());
});

describe('nothing is hard-coded', () => {
  /** The templates without what the settings themselves say. */
  const rest = (templates: typeof theirs, context: object) =>
    Object.values(context)
      .flatMap((value) => [...JSON.stringify(value).matchAll(/"([^"]+)"/g)].map(([, text]) => text ?? ''))
      .sort((a, b) => b.length - a.length)
      .reduce((text, value) => text.replaceAll(value, ''), JSON.stringify([templates.stateful, templates.stateless]));

  test.each([
    ['an account', /\b\d{12}\b/],
    ['a region', /\b(us|eu|ap|ca|sa|af|me|il|mx|cn)-(gov-)?(north|south|east|west|central)\w*-\d\b/],
    ['a partition', /arn:aws[\w-]*:/],
  ])('no template names %s but by a setting', (_, pattern) => {
    expect(rest(theirs, onTheirs)).not.toMatch(pattern);
    expect(rest(ours, onOurs)).not.toMatch(pattern);
  });

  test('every physical name begins with the prefix', () => {
    const names = theirs
      .resources()
      // A schema is called after its event type, within a registry that has the prefix; what an API is called is a label.
      .filter(({ type }) => type !== 'AWS::Glue::Schema' && !type.startsWith('AWS::ApiGatewayV2::'))
      .flatMap(({ properties: p }) => [p.Name, p.TableName, p.QueueName, p.BucketName, p.RoleName, p.ManagedPolicyName])
      .filter((name) => typeof name === 'string');
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !name.startsWith('acme-prod-'))).toEqual([]);
  });
});

describe('what is there already', () => {
  test('is used and not made', () => {
    const types = new Set(theirs.resources().map(({ type }) => type));
    for (const made of ['AWS::KMS::Key', 'AWS::Kinesis::Stream', 'AWS::Kinesis::ResourcePolicy', 'AWS::SNS::Topic']) {
      expect(types).not.toContain(made);
    }
    expect([...types].filter((type) => type.startsWith('AWS::EC2::'))).toEqual([]);
  });

  test('keys: theirs encrypt tables, queues, payloads and logs', () => {
    const keys = (type: string, key: (properties: never) => unknown) => [
      ...new Set(theirs.resources(type).map(({ properties }) => key(properties as never))),
    ];
    type Table = { SSESpecification: { KMSMasterKeyId: string } };
    expect(keys('AWS::DynamoDB::Table', (p: Table) => p.SSESpecification.KMSMasterKeyId)).toEqual([THEIRS.dataKey]);
    expect(keys('AWS::SQS::Queue', (p: { KmsMasterKeyId: string }) => p.KmsMasterKeyId)).toEqual([THEIRS.dataKey]);
    expect(keys('AWS::Logs::LogGroup', (p: { KmsKeyId: string }) => p.KmsKeyId)).toEqual([THEIRS.operationsKey]);
  });

  test('keys: the function uses that of their streams through Kinesis, and theirs for data through the other services', () => {
    const policy = theirs.one('AWS::IAM::Policy', 'Profiles/Function/Role/DefaultPolicy/Resource');
    const uses = statementsOf(theirs, policy)
      .filter(({ actions }) => actions.some((action) => action.startsWith('kms:')))
      .flatMap(({ resources, conditions }) =>
        resources.map((key) => `${key} ${conditions.StringEquals?.['kms:ViaService']?.[0]?.split('.')[0]}`),
      );
    expect([...new Set(uses)].sort()).toEqual(
      [
        ...['dynamodb', 's3', 'sqs'].map((service) => `${THEIRS.dataKey} ${service}`),
        `${THEIRS.streamKey} kinesis`,
      ].sort(),
    );
  });

  test('the bootstrap stack: both stacks are deployed through it', () => {
    const { stateful, stateless } = addStage(newApp(onTheirs), profilesRegistry, { code: noCode });
    const qualifiers = [stateful, stateless].map(({ synthesizer }) => synthesizer.bootstrapQualifier);
    expect(qualifiers).toEqual(['platform', 'platform']);
  });

  test('the topic: every alarm notifies it', () => {
    for (const { properties } of theirs.resources('AWS::CloudWatch::Alarm')) {
      expect(properties.AlarmActions).toEqual([THEIRS.topic]);
    }
  });

  test('the VPC: every function is in it and may attach itself', () => {
    const functions = theirs.resources('AWS::Lambda::Function');
    expect(functions).toHaveLength(2);
    for (const { properties } of functions) {
      expect(properties.VpcConfig).toEqual({ SubnetIds: THEIRS.subnets, SecurityGroupIds: THEIRS.securityGroups });
    }
    const attach = theirs
      .resources('AWS::IAM::Policy')
      .filter(({ properties }) => JSON.stringify(properties).includes('ec2:CreateNetworkInterface'));
    expect(attach).toHaveLength(2);
  });

  test('the boundary: every role is under it', () => {
    const roles = theirs.resources('AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(1);
    for (const { properties } of roles) expect(properties.PermissionsBoundary).toBe(THEIRS.boundary);
  });
});

describe('the mapping', () => {
  const { properties } = theirs.one('AWS::Lambda::EventSourceMapping');

  test('has what the settings say of its system', () => {
    expect(properties).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      ParallelizationFactor: 2,
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: Date.UTC(2026, 10, 1) / 1000,
    });
  });

  test('reads by a consumer of its own, and may', () => {
    const consumer = theirs.one('AWS::Kinesis::StreamConsumer');
    expect(consumer.properties.StreamARN).toBe(THEIRS.clicks);
    expect(theirs.target('stateless', properties.EventSourceArn)).toMatchObject({ attribute: 'ConsumerARN' });
    const policy = JSON.stringify(theirs.one('AWS::IAM::Policy', 'Profiles/Function/Role/DefaultPolicy/Resource'));
    expect(policy).toContain(`"kinesis:SubscribeToShard","Effect":"Allow","Resource":{"Fn::GetAtt":["${consumer.id}"`);
  });

  test('shares the stream from its oldest record unless a setting says otherwise', () => {
    const shared = ours.one('AWS::Lambda::EventSourceMapping').properties;
    expect(shared).toMatchObject({ StartingPosition: 'TRIM_HORIZON', ParallelizationFactor: 5 });
    expect(shared).not.toHaveProperty('StartingPositionTimestamp');
    expect(ours.resources('AWS::Kinesis::StreamConsumer')).toEqual([]);
  });
});

describe('functions', () => {
  const one = (templates: typeof theirs, path: string) => templates.one('AWS::Lambda::Function', path).properties;

  test('have what the settings say', () => {
    expect(one(theirs, 'Profiles/Function/Resource/Resource')).toMatchObject({
      MemorySize: 1024,
      Timeout: 120,
      ReservedConcurrentExecutions: 20,
    });
    expect(one(theirs, 'Query/Function/Resource')).toMatchObject({ ReservedConcurrentExecutions: 5 });
    expect(one(ours, 'Profiles/Function/Resource/Resource')).toMatchObject({ ReservedConcurrentExecutions: 40 });
  });

  test('are traced unless a setting says otherwise', () => {
    expect(one(ours, 'Profiles/Function/Resource/Resource').TracingConfig).toEqual({ Mode: 'Active' });
    expect(one(theirs, 'Profiles/Function/Resource/Resource').TracingConfig).toBeUndefined();
    expect(JSON.stringify(theirs.stateless)).not.toContain('xray:');
  });
});

describe('producers of other accounts', () => {
  const principals = (text: string) =>
    expect(text).toMatch(/333333333333.*444444444444:role\/clicks|444444444444:role\/clicks.*333333333333/);

  test('may put on the stream and do nothing else', () => {
    const { properties } = ours.one('AWS::Kinesis::ResourcePolicy', 'ShopStream/Stream/Policy/Resource');
    const allowed = properties.ResourcePolicy.Statement.filter((s: { Effect: string }) => s.Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(allowed[0].Action).toEqual(['kinesis:PutRecord', 'kinesis:PutRecords']);
    principals(JSON.stringify(allowed[0].Principal));
  });

  test('may encrypt by the key through Kinesis, and not decrypt', () => {
    const { properties } = ours.one('AWS::KMS::Key', 'DataKey/Resource');
    const granted = properties.KeyPolicy.Statement.filter(
      (s: { Action: string }) => s.Action === 'kms:GenerateDataKey',
    );
    expect(granted).toHaveLength(1);
    principals(JSON.stringify(granted[0].Principal));
    expect(ours.readable('stateful', granted[0].Condition.StringEquals['kms:ViaService'])).toBe(
      'kinesis.<AWS::Region>.<AWS::URLSuffix>',
    );
  });
});

describe('the budget', () => {
  const { properties } = ours.one('AWS::Budgets::Budget');

  test('counts the stage by its tag, and tells before and when the money is spent', () => {
    expect(properties.Budget).toMatchObject({
      BudgetLimit: { Amount: 500, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:millrace-stage$prod'] },
    });
    const account = synthesize({ stage: 'dev', monthlyBudgetUsd: '25' }).one('AWS::Budgets::Budget').properties;
    expect(account.Budget).toMatchObject({ BudgetLimit: { Amount: 25 } });
    expect(account.Budget).not.toHaveProperty('CostFilters');
    const told = properties.NotificationsWithSubscribers.map(
      ({ Notification: n }: { Notification: { NotificationType: string; Threshold: number } }) =>
        `${n.NotificationType} ${n.Threshold}`,
    );
    expect(told).toEqual(['ACTUAL 80', 'ACTUAL 100', 'FORECASTED 100']);
  });

  test('may publish to the encrypted topic, for this account alone', () => {
    const statement = (type: string, document: string, path = '') =>
      ours.one(type, path).properties[document].Statement.find((s: { Sid?: string }) => s.Sid === 'BudgetNotifies');
    for (const granted of [
      statement('AWS::SNS::TopicPolicy', 'PolicyDocument'),
      statement('AWS::KMS::Key', 'KeyPolicy', 'OperationsKey/Resource'),
    ]) {
      expect(granted.Principal).toEqual({ Service: 'budgets.amazonaws.com' });
      expect(granted.Condition.StringEquals).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
      expect(ours.readable('stateful', granted.Condition.ArnLike['aws:SourceArn'])).toBe(
        'arn:<AWS::Partition>:budgets::<AWS::AccountId>:*',
      );
    }
  });
});

test('tags are on what takes tags', () => {
  const tags = [
    { Key: 'cost-centre', Value: '42' },
    { Key: 'millrace-stage', Value: 'prod' },
    { Key: 'team', Value: 'shop' },
  ];
  for (const type of ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Lambda::Function', 'AWS::IAM::Role']) {
    for (const { properties } of theirs.resources(type)) expect(properties.Tags).toEqual(tags);
  }
});

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
