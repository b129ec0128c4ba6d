import { z } from 'zod';
import { arn, NAME, text, texts } from './values.ts';

const TAGS = 'up to 40 tags, such as {"team":"shop"}; names do not begin with aws: and are not millrace-stage';

/** Parts that a stage can do without: `api` is the REST API, dashboards go with the alarms that they show. */
export const PARTS = ['alarms', 'composite-alarms', 'dashboards', 'schema-registry', 'api'] as const;
export type Part = (typeof PARTS)[number];

const LEFT_OUT = `a list of ${PARTS.join(', ')}`;

/** Where a stage lives, and under whose rules. */
export const placement = {
  account: text(/^\d{12}$/, 'an AWS account id of 12 digits')
    .optional()
    .describe('Left out: wherever the deploying credentials point.'),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1')
    .optional()
    .describe('Left out: wherever the deploying credentials point.'),
  bootstrapQualifier: text(/^[a-z0-9]{1,10}$/, 'up to 10 lower-case letters and digits')
    .optional()
    .describe(
      'Qualifier of the bootstrap stack that deploys the stage (`cdk bootstrap --qualifier`). Left out: that of CDK.',
    ),
  permissionsBoundaryArn: text(/^arn:[a-z-]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/, 'the ARN of an IAM policy')
    .optional()
    .describe('Permissions boundary of every role that the stage makes.'),
  namePrefix: text(/^[a-z][a-z0-9-]{0,19}$/, 'up to 20 lower-case letters, digits and hyphens, beginning with a letter')
    .optional()
    .describe(
      'Streams, tables, queues and the schema registry are named `<prefix>-<stage>-<logical name>`. Left out: CloudFormation names all but the registry.',
    ),
  tags: z
    .record(
      z.string().regex(/^(?!aws:|millrace-stage$)[\w .:/=+@-]{1,128}$/, TAGS),
      z.string(TAGS).max(256, TAGS),
      TAGS,
    )
    .refine((tags) => Object.keys(tags).length <= 40, TAGS)
    .optional()
    .describe('Tags of every resource that takes tags, besides `millrace-stage`.'),
  systems: texts(NAME, 'names of systems of the registry')
    .optional()
    .describe('Which systems the stage has, with the streams that they read and write. Left out: all.'),
  leaveOut: z
    .array(z.enum(PARTS, LEFT_OUT), LEFT_OUT)
    .optional()
    .describe(
      'Parts that the stage does without, since an emulator of AWS has no such resource types, or since they cost and nobody needs them. Without alarms nobody is told of anything. Left out: it has all.',
    ),
};

const KEY = 'the ARN of a KMS key';
const KEY_ID = /key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/;

const existingStream = z.strictObject(
  {
    arn: arn('kinesis', /stream\/[\w.-]+/, 'the ARN of a Kinesis stream'),
    retentionHours: z.int().min(24).max(8_760),
    keyArn: arn('kms', KEY_ID, KEY).optional(),
  },
  'an object of arn, retentionHours (24 to 8760) and, if the stream has a key of its own, keyArn',
);

const EXISTING_STREAMS =
  'streams by logical name, such as {"shop":{"arn":"arn:…:stream/clicks","retentionHours":168,"keyArn":"arn:…:key/…"}}';

/** What somebody else has made and the stage uses. */
export const existing = {
  existingStreams: z
    .record(z.string(), existingStream, EXISTING_STREAMS)
    .optional()
    .describe(
      'Streams that the stage uses instead of making them. Their owner answers for encryption, TLS, retention, records of at most 1 MiB, and for `USER_PARTITION_KEY` if they are on-demand: `AUTO` ends the order of a key.',
    ),
  dataKeyArn: arn('kms', KEY_ID, KEY)
    .optional()
    .describe(
      'Key for streams, tables, queues and payloads. Its policy must let IAM policies of the account grant its use. Left out: the stage makes one.',
    ),
  operationsKeyArn: arn('kms', KEY_ID, KEY)
    .optional()
    .describe(
      'Key for logs and alarm notifications. Its policy must let CloudWatch Logs, CloudWatch and, with a budget, Budgets use it. Left out: the stage makes one.',
    ),
  alarmTopicArn: arn('sns', /[\w-]+/, 'the ARN of an SNS topic')
    .optional()
    .describe(
      'Topic that alarms notify. Its policy must let CloudWatch and, with a budget, Budgets publish. Left out: the stage makes one.',
    ),
  vpcId: text(/^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC, with subnetIds and securityGroupIds, or left out like both')
    .optional()
    .describe(
      'VPC of all functions. It needs gateway endpoints for DynamoDB and S3 and interface endpoints for Kinesis streams and SQS (with `binaryEvents` also Glue), or a NAT. Left out: none, which is what we recommend: nothing here is reached through a VPC.',
    ),
  subnetIds: texts(/^subnet-[0-9a-f]{8,17}$/, 'ids of private subnets')
    .optional()
    .describe('Subnets of `vpcId`.'),
  securityGroupIds: texts(/^sg-[0-9a-f]{8,17}$/, 'ids of security groups')
    .optional()
    .describe('Security groups of all functions in `vpcId`; they need outgoing HTTPS and nothing incoming.'),
};
