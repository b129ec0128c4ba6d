import { loadStage } from '../../../lib/config.ts';

const arn = (service: string, resource: string) => `arn:aws-us-gov:${service}:us-gov-west-1:222222222222:${resource}`;

/** What the platform team of somebody else has. The partition is another one on purpose: nothing may assume `aws`. */
export const THEIRS = {
  boundary: 'arn:aws-us-gov:iam::222222222222:policy/boundary',
  dataKey: arn('kms', 'key/11111111-1111-4111-8111-111111111111'),
  operationsKey: arn('kms', 'key/22222222-2222-4222-8222-222222222222'),
  streamKey: arn('kms', 'key/33333333-3333-4333-8333-333333333333'),
  clicks: arn('kinesis', 'stream/clicks'),
  updates: arn('kinesis', 'stream/updates'),
  topic: arn('sns', 'on-call'),
  vpc: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  securityGroups: ['sg-0123456789abcdef0'],
} as const;

/** Every setting that a stage with resources of somebody else can have. */
export const onTheirs = {
  stage: 'prod',
  account: '222222222222',
  region: 'us-gov-west-1',
  bootstrapQualifier: 'platform',
  permissionsBoundaryArn: THEIRS.boundary,
  namePrefix: 'acme',
  tags: { team: 'shop', 'cost-centre': '42' },
  systems: ['profiles'],
  existingStreams: {
    shop: { arn: THEIRS.clicks, retentionHours: 168, keyArn: THEIRS.streamKey },
    'profile-updates': { arn: THEIRS.updates, retentionHours: 168, keyArn: THEIRS.streamKey },
  },
  dataKeyArn: THEIRS.dataKey,
  operationsKeyArn: THEIRS.operationsKey,
  alarmTopicArn: THEIRS.topic,
  vpcId: THEIRS.vpc,
  subnetIds: THEIRS.subnets,
  securityGroupIds: THEIRS.securityGroups,
  perSystem: {
    profiles: {
      batchSize: 100,
      batchingWindowSeconds: 5,
      parallelizationFactor: 2,
      startingPosition: '2026-11-01T00:00:00Z',
      consumer: 'enhanced-fan-out',
      memoryMb: 1024,
      timeoutSeconds: 120,
      reservedConcurrency: 20,
    },
  },
  binaryEvents: true,
  apiReservedConcurrency: 5,
  apiJwtIssuer: 'https://issuer.example',
  apiJwtAudience: 'api',
  apiJwtScope: 'profiles/read',
  analystsReadPersonalData: true,
  tracing: false,
  runbookUrl: 'https://wiki.example/runbook',
};

/** The settings that those rule out, since they are about what the stage makes. */
export const onOurs = {
  stage: 'prod',
  streamMode: 'provisioned',
  shards: 4,
  producers: { shop: ['333333333333', 'arn:aws:iam::444444444444:role/clicks'] },
  parallelizationFactor: 5,
  reservedConcurrency: 40,
  monthlyBudgetUsd: 500,
  budgetScope: 'stage',
  leaveOut: ['schema-registry'],
  logRetentionDays: 90,
  recoveryDays: 14,
};

/** Settings that either stage has a value for, be it a default. */
export const settingsInUse = (): ReadonlySet<string> =>
  new Set([onTheirs, onOurs].flatMap((context) => Object.keys(loadStage(context).settings)));
