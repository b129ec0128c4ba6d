import { statefulStackName, statelessStackName } from '../../lib/stacks/outputs.ts';
import { synthesize } from './support/synth.ts';

const templates = synthesize({ stage: 'prod' });
const typesOf = (stack: 'stateful' | 'stateless') =>
  [
    ...new Set(
      templates
        .resources()
        .filter((r) => r.stack === stack)
        .map((r) => r.type),
    ),
  ].sort();

describe('what holds data and what can be thrown away are apart', () => {
  test('the stateful stack', () => {
    expect(typesOf('stateful')).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::Glue::Registry',
      'AWS::Glue::Schema',
      'AWS::KMS::Key',
      'AWS::Kinesis::ResourcePolicy',
      'AWS::Kinesis::Stream',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::SNS::Topic',
      'AWS::SNS::TopicPolicy',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
    ]);
  });

  test('the stateless stack', () => {
    expect(typesOf('stateless')).toEqual([
      'AWS::ApiGatewayV2::Api',
      'AWS::ApiGatewayV2::Integration',
      'AWS::ApiGatewayV2::Route',
      'AWS::ApiGatewayV2::Stage',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::CompositeAlarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::IAM::ManagedPolicy',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Logs::LogGroup',
      'AWS::Logs::QueryDefinition',
    ]);
  });

  test('the stateful one needs nothing of the other', () => {
    expect(JSON.stringify(templates.stateful)).not.toContain('Fn::ImportValue');
  });

  test('neither needs parameters, rules, conditions or macros', () => {
    for (const template of [templates.stateful, templates.stateless]) {
      expect(Object.keys(template).sort()).toEqual(['Outputs', 'Resources']);
    }
  });
});

describe('tools find a stage', () => {
  test('by the names of its stacks', () => {
    expect([statefulStackName('prod'), statelessStackName('prod')]).toEqual([
      'Millrace-prod-Stateful',
      'Millrace-prod-Stateless',
    ]);
  });

  test.each([
    ['ShopStreamName', '<ShopStream/Stream>'],
    ['ProfileUpdatesStreamName', '<ProfileUpdatesStream/Stream>'],
    ['ProfilesTableName', '<ProfilesTable/Table>'],
    ['ProfilesCheckpointTableName', '<ProfilesCheckpoints/Table>'],
    ['ProfilesDeadLetterQueueUrl', '<ProfilesDeadLetters/Queue>'],
    ['ProfilesDeadLetterBucketName', '<ProfilesDeadLetters/Payloads>'],
    ['ProfilesOnFailureQueueUrl', '<ProfilesOnFailureQueue>'],
    ['AlarmTopicArn', '<Alarms/Topic>'],
  ])('by output %s', (key, resource) => {
    const output = templates.stateful.Outputs?.[key];
    expect(templates.readable('stateful', output?.Value)).toBe(resource);
    expect(output).not.toHaveProperty('Export');
  });

  test.each([
    ['ProfilesFunctionName', '<Profiles/Function/Resource>'],
    ['ProfilesMappingId', '<Profiles/Mapping>'],
    ['ProfilesLogGroupName', '<Profiles/Function/Logs>'],
    ['ApiLogGroupName', '<Query/Logs>'],
  ])('by output %s', (key, resource) => {
    expect(templates.readable('stateless', templates.stateless.Outputs?.[key]?.Value)).toBe(resource);
  });
});

describe('nothing is tied to one place', () => {
  const text = JSON.stringify([templates.stateful, templates.stateless]);

  test.each([
    ['an account', /\b\d{12}\b/],
    ['a region', /\b(us|eu|ap|ca|sa|af|me|il|mx|cn)-(gov-)?(north|south|east|west|central)\w*-\d\b/],
    ['a partition', /arn:aws[\w-]*:/],
  ])('the templates name no %s', (_, pattern) => expect(text).not.toMatch(pattern));

  test('CloudFormation names every resource', () => {
    const named = templates
      .resources()
      // The name of an HTTP API is a label that several may share.
      .filter(({ type }) => type !== 'AWS::ApiGatewayV2::Api')
      // Glue, saved queries and composite alarms have no names but those that they are given.
      .filter(({ type }) => !type.startsWith('AWS::Glue::'))
      .filter(({ type }) => type !== 'AWS::Logs::QueryDefinition' && type !== 'AWS::CloudWatch::CompositeAlarm')
      .filter(({ properties }) =>
        [
          'Name',
          'TableName',
          'QueueName',
          'BucketName',
          'FunctionName',
          'TopicName',
          'RoleName',
          'AlarmName',
          'DashboardName',
          'LogGroupName',
        ]
          .filter((property) => typeof properties[property] === 'string')
          .some(Boolean),
      );
    expect(named.map((r) => r.path)).toEqual([]);
  });

  test('unless the stage sets a prefix', () => {
    const prefixed = synthesize({ stage: 'prod', namePrefix: 'acme' });
    expect(prefixed.one('AWS::Kinesis::Stream', 'ShopStream/Stream/Resource').properties.Name).toBe('acme-prod-shop');
    expect(prefixed.one('AWS::DynamoDB::Table', 'ProfilesTable/Table/Resource').properties.TableName).toBe(
      'acme-prod-profiles',
    );
    expect(prefixed.resources('AWS::SQS::Queue').map(({ properties }) => properties.QueueName)).toEqual([
      'acme-prod-profiles-dead-letters',
      'acme-prod-profiles-on-failure',
    ]);
  });

  test('a stage that names an account and a region is deployed nowhere else', () => {
    const pinned = synthesize({ stage: 'prod', account: '111111111111', region: 'eu-central-1' });
    expect(pinned.resources('AWS::Lambda::Function')).toHaveLength(2);
  });
});
