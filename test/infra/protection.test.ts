import { synthesize } from './support/synth.ts';
import type { Resource } from './support/templates.ts';

const templates = synthesize({ stage: 'prod' });
const dev = synthesize({ stage: 'dev' });

const DATA_KEY = '<DataKey.Arn>';
const OPERATIONS_KEY = '<OperationsKey.Arn>';

describe('everything at rest is encrypted with our keys', () => {
  const keyOf: Readonly<Record<string, readonly [(r: Resource) => unknown, string]>> = {
    'AWS::Kinesis::Stream': [({ properties }) => properties.StreamEncryption.KeyId, DATA_KEY],
    'AWS::DynamoDB::Table': [({ properties }) => properties.SSESpecification.KMSMasterKeyId, DATA_KEY],
    'AWS::SQS::Queue': [({ properties }) => properties.KmsMasterKeyId, DATA_KEY],
    'AWS::SNS::Topic': [({ properties }) => properties.KmsMasterKeyId, OPERATIONS_KEY],
    'AWS::Logs::LogGroup': [({ properties }) => properties.KmsKeyId, OPERATIONS_KEY],
  };

  test.each(Object.entries(keyOf))('%s', (type, [key, expected]) => {
    const resources = templates.resources(type);
    expect(resources.length).toBeGreaterThan(0);
    for (const resource of resources) expect(templates.readable(resource.stack, key(resource))).toBe(expected);
  });

  test('buckets, and those for access logs with the only encryption that log delivery can use', () => {
    const encryption = Object.fromEntries(
      templates.resources('AWS::S3::Bucket').map(({ path, properties }) => {
        const [rule] = properties.BucketEncryption.ServerSideEncryptionConfiguration;
        return [path.split('/')[1], rule.ServerSideEncryptionByDefault.SSEAlgorithm];
      }),
    );
    expect(encryption).toEqual({ AccessLogs: 'AES256', ProfilesDeadLetters: 'aws:kms' });
  });

  test('keys rotate', () => {
    const keys = templates.resources('AWS::KMS::Key');
    expect(keys).toHaveLength(2);
    for (const { properties } of keys) expect(properties.EnableKeyRotation).toBe(true);
  });

  test('no AWS service may use the key of the data on its own', () => {
    const { properties } = templates.one('AWS::KMS::Key', 'DataKey/Resource');
    const principals = properties.KeyPolicy.Statement.flatMap((s: { Principal: object }) => Object.keys(s.Principal));
    expect(principals).toEqual(['AWS']);
  });
});

describe('plain HTTP is refused', () => {
  const policies = (
    ['Kinesis::ResourcePolicy', 'SQS::QueuePolicy', 'S3::BucketPolicy', 'SNS::TopicPolicy'] as const
  ).flatMap((type) => templates.resources(`AWS::${type}`));
  const guarded = ['Kinesis::Stream', 'SQS::Queue', 'S3::Bucket', 'SNS::Topic'].flatMap((type) =>
    templates.resources(`AWS::${type}`),
  );

  test.each(guarded.map((resource) => [resource.path, resource] as const))('%s', (_, resource) => {
    const denials = policies
      .flatMap(({ properties }) => (properties.PolicyDocument ?? properties.ResourcePolicy).Statement)
      .filter((s) => s.Effect === 'Deny' && s.Condition?.Bool?.['aws:SecureTransport'] === 'false')
      .filter((s) => s.Principal === '*' || s.Principal.AWS === '*')
      .flatMap((s) => (Array.isArray(s.Resource) ? s.Resource : [s.Resource]))
      .map((value) => templates.target('stateful', value)?.resource.path);
    expect(denials).toContain(resource.path);
  });

  test('a stream refuses it for reading and for writing', () => {
    const { properties } = templates.one('AWS::Kinesis::ResourcePolicy', 'ShopStream/Stream/Policy/Resource');
    expect(properties.ResourcePolicy.Statement[0].Action).toEqual(
      expect.arrayContaining([
        'kinesis:PutRecord',
        'kinesis:PutRecords',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
      ]),
    );
  });
});

describe('tables survive mistakes', () => {
  const tables = templates.resources('AWS::DynamoDB::Table');

  test.each(tables.map((table) => [table.path, table] as const))('%s', (_, { properties, deletionPolicy }) => {
    expect(properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    expect(deletionPolicy).toBe('Retain');
  });

  test('checkpoints expire, rows do not', () => {
    const ttl = Object.fromEntries(
      tables.map(({ path, properties }) => [path.split('/')[1], properties.TimeToLiveSpecification]),
    );
    expect(ttl).toEqual({
      ProfilesCheckpoints: { AttributeName: 'expiresAt', Enabled: true },
      ProfilesTable: undefined,
    });
  });

  test("the analysts' index is spread over shards and projects only what its manifest names", () => {
    const { properties } = templates.one('AWS::DynamoDB::Table', 'ProfilesTable/Table/Resource');
    expect(properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'bySegment',
        KeySchema: [
          { AttributeName: 'segmentShard', KeyType: 'HASH' },
          { AttributeName: 'segmentSince', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['segment'] },
      },
    ]);
  });
});

describe('what a stack leaves behind when it goes', () => {
  const holdsData = /^AWS::(Kinesis::Stream|DynamoDB::Table|SQS::Queue|S3::Bucket|KMS::Key)$/;

  test.each([
    ['prod', templates, 'Retain', true],
    ['dev', dev, 'Delete', false],
  ])('%s', (_, stage, policy, guarded) => {
    const resources = stage.resources().filter(({ type }) => holdsData.test(type));
    expect(resources.length).toBeGreaterThan(8);
    expect(resources.filter((r) => r.deletionPolicy !== policy).map((r) => r.path)).toEqual([]);
    for (const { properties } of stage.resources('AWS::DynamoDB::Table')) {
      expect(properties.DeletionProtectionEnabled).toBe(guarded);
    }
  });
});

describe('the bucket for large payloads', () => {
  const bucket = templates.one('AWS::S3::Bucket', 'ProfilesDeadLetters/Payloads/Resource');

  test('is private, versioned, logged, and forgets after its messages did', () => {
    expect(bucket.properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    const [rule] = bucket.properties.LifecycleConfiguration.Rules;
    expect(rule.ExpirationInDays).toBeGreaterThan(14);
    expect(rule.NoncurrentVersionExpiration.NoncurrentDays).toBe(1);
    const { DestinationBucketName } = bucket.properties.LoggingConfiguration;
    expect(templates.readable('stateful', DestinationBucketName)).toBe('<AccessLogs/Bucket>');
  });
});

describe('alarms reach the topic', () => {
  const statement = (type: string, pathEnd: string, sid: string) => {
    const { properties } = templates.one(type, pathEnd);
    const document = properties.PolicyDocument ?? properties.KeyPolicy;
    return document.Statement.find((s: { Sid?: string }) => s.Sid === sid);
  };

  test('CloudWatch may publish for alarms of this account', () => {
    const allowed = statement('AWS::SNS::TopicPolicy', '', 'AlarmsNotify');
    expect(allowed).toMatchObject({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    expect(templates.readable('stateful', allowed.Condition.ArnLike['aws:SourceArn'])).toBe(
      'arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:*',
    );
  });

  test('and may encrypt what it publishes, without which every alarm would fail silently', () => {
    expect(statement('AWS::KMS::Key', 'OperationsKey/Resource', 'AlarmsNotify')).toMatchObject({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    });
  });
});
