import { z } from 'zod';

/** Retention periods that CloudWatch Logs accepts, in days (PutRetentionPolicy). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const whole = (min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int(allowed).min(min, allowed).max(max, allowed);
};

const flag = () => z.boolean('true or false');

const text = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed);

/**
 * The settings of one stage. Flat, so that `-c <setting>=<value>` can override each of them.
 * Ranges are those of the services; a value outside fails at synth instead of half-way through a deployment.
 */
export const settingsSchema = z
  .strictObject({
    /** 12 digits. Left out: wherever the deploying credentials point. */
    account: text(/^\d{12}$/, 'an AWS account id of 12 digits').optional(),
    /** Left out: wherever the deploying credentials point. */
    region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1').optional(),
    /** Left out: CloudFormation names everything. Set: streams, tables and queues are named `<prefix>-<stage>-<logical name>`. */
    namePrefix: text(
      /^[a-z][a-z0-9-]{0,19}$/,
      'up to 20 lower-case letters, digits and hyphens, beginning with a letter',
    ).optional(),

    /** Capacity mode of the streams. */
    streamMode: z.enum(['provisioned', 'on-demand'], 'provisioned or on-demand'),
    /** Shards per stream: needed for provisioned streams, refused for on-demand ones, which scale by themselves. */
    shards: whole(1, 10_000).optional(),
    /** Days for which streams keep records: the time to repair a consumer before data is lost. */
    retentionDays: whole(1, 365),

    /** Records per invocation at most. */
    batchSize: whole(1, 10_000),
    /** Seconds for which a batch waits to fill up: more events of a key per batch, fewer writes, less fresh. */
    batchingWindowSeconds: whole(0, 300),
    /** Batches of one shard in flight at once, in order per partition key. Left out: 10, or 1 where producers use the KPL. */
    parallelizationFactor: whole(1, 10).optional(),
    /** Memory of a processor's function, which decides its CPU as well. */
    memoryMb: whole(128, 10_240),
    /** Seconds; the runtime stops retrying after three quarters of them and reports what is blocked. */
    timeoutSeconds: whole(30, 900),
    /** Arrival time is the extension `recordedtime` of the event: for stages that replay historical data, never for live ones. */
    replayMode: flag(),
    /** Records may be Avro or Protobuf under the header of the stage's schema registry. Costs size and start-up: off where all send JSON. */
    binaryEvents: flag(),

    /** Requests per second that the REST API answers; beyond it API Gateway answers 429. */
    apiRequestsPerSecond: whole(1, 10_000),
    /** Requests of the REST API at once, above the rate. */
    apiBurst: whole(1, 5_000),
    /** Memory of the REST API's function. */
    apiMemoryMb: whole(128, 10_240),
    /** Who issues tokens for the REST API. Left out: callers sign their requests, and IAM decides. */
    apiJwtIssuer: text(/^https:\/\/\S+$/, 'the URL of an OpenID Connect issuer').optional(),
    /** For whom the tokens are, as their claim `aud` or `client_id` has it: needed with apiJwtIssuer. */
    apiJwtAudience: text(/^\S+$/, 'an audience without blanks').optional(),
    /** A scope that the tokens must have. Left out: any token for the audience will do. */
    apiJwtScope: text(/^\S+$/, 'one scope, without blanks').optional(),

    logRetentionDays: z.literal(LOG_RETENTION_DAYS, `one of ${LOG_RETENTION_DAYS.join(', ')}`),
    /** Days to which a table can be restored. They also bound how long an erased person survives in backups. */
    recoveryDays: whole(1, 35),
    /** Tables refuse deletion, and CloudFormation leaves everything that holds data behind when a stack goes. */
    protectData: flag(),

    /** ARN of a topic that alarms notify. Left out: the stage gets its own. */
    alarmTopicArn: text(/^arn:[^:]+:sns:[^:]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic').optional(),
    /** Iterator age at which somebody should look. */
    iteratorAgeWarningMinutes: whole(1, 1_440),
    /** Iterator age at which profiles are stale for users. */
    iteratorAgeCriticalMinutes: whole(1, 10_080),
    /** Hours left before the oldest unread record expires, below which somebody is woken. */
    timeLeftHours: whole(1, 8_760),
  })
  .refine((s) => (s.streamMode === 'provisioned') === (s.shards !== undefined), {
    path: ['shards'],
    message: 'a number of 1 or more if streamMode is provisioned, left out if it is on-demand',
  })
  .refine((s) => (s.apiJwtIssuer === undefined) === (s.apiJwtAudience === undefined), {
    path: ['apiJwtAudience'],
    message: 'an audience if apiJwtIssuer is set, left out if it is not',
  })
  .refine((s) => s.apiJwtIssuer !== undefined || s.apiJwtScope === undefined, {
    path: ['apiJwtScope'],
    message: 'left out if apiJwtIssuer is not set: IAM knows no scopes',
  })
  .refine((s) => s.iteratorAgeWarningMinutes < s.iteratorAgeCriticalMinutes, {
    path: ['iteratorAgeWarningMinutes'],
    message: 'less than iteratorAgeCriticalMinutes',
  })
  .refine((s) => s.iteratorAgeCriticalMinutes < (s.retentionDays * 24 - s.timeLeftHours) * 60, {
    path: ['timeLeftHours'],
    message: 'so few that iteratorAgeCriticalMinutes comes earlier: retentionDays, less these hours, must be longer',
  });

export type Settings = Readonly<z.output<typeof settingsSchema>>;
export type SettingsInput = Readonly<z.input<typeof settingsSchema>>;
