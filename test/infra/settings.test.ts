import { readFileSync } from 'node:fs';
import { settingsSchema } from '../../lib/settings.ts';
import { settingsPage } from '../../scripts/settings/page.ts';
import { onOurs, onTheirs, settingsInUse, THEIRS } from './support/every-setting.ts';
import { synthesize } from './support/synth.ts';

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
      // Their names are paths in the console, which begin with the stage.
      .filter(({ type }) => type !== 'AWS::Logs::QueryDefinition')
      .flatMap(({ properties: p }) => [p.Name, p.TableName, p.QueueName, p.BucketName, p.RoleName, p.ManagedPolicyName])
      .filter((name) => typeof name === 'string');
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !name.startsWith('acme-prod-'))).toEqual([]);
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
