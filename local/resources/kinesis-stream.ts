import {
  CreateStreamCommand,
  DeleteStreamCommand,
  IncreaseStreamRetentionPeriodCommand,
} from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import { integer, physicalName, type SupportedType, supported } from '../cloudformation/resource-type.ts';
import { arn, REASONS, type Services } from './services.ts';

/** What AWS gives a new on-demand stream (Developer Guide, "Choose the right mode in Kinesis Data Streams"). */
const ON_DEMAND_SHARDS = 4;
const DEFAULT_RETENTION_HOURS = 24;

/** AWS::Kinesis::Stream, in kinesalite. An on-demand stream keeps the shards that it begins with. */
export const kinesisStream = ({ clients }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({
      Name: z.string().optional(),
      ShardCount: integer.optional(),
      RetentionPeriodHours: integer.default(DEFAULT_RETENTION_HOURS),
      StreamModeDetails: z.strictObject({ StreamMode: z.enum(['PROVISIONED', 'ON_DEMAND']) }).optional(),
      RecordDistributionStrategy: z
        .literal('USER_PARTITION_KEY', 'here a record goes where its partition key says')
        .optional(),
      MaxRecordSizeInKiB: z.literal(1024, 'kinesalite takes records of up to 1024 KiB and no other limit').optional(),
    }),
    ignored: {
      StreamEncryption: REASONS.encryption,
      Tags: REASONS.tags,
      DesiredShardLevelMetrics: 'metrics of single shards are not kept',
      WarmThroughputMiBps: 'shards are not throttled by throughput here',
      WarmThroughputObject: 'shards are not throttled by throughput here',
    },
    create: async (properties, context) => {
      const name = properties.Name ?? physicalName(context, 128);
      const onDemand = properties.StreamModeDetails?.StreamMode === 'ON_DEMAND';
      const shards = onDemand ? ON_DEMAND_SHARDS : (properties.ShardCount ?? 1);
      await clients.kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
      if (properties.RetentionPeriodHours > DEFAULT_RETENTION_HOURS) {
        const retention = { StreamName: name, RetentionPeriodHours: properties.RetentionPeriodHours };
        await clients.kinesis.send(new IncreaseStreamRetentionPeriodCommand(retention));
      }
      return { ref: name, attributes: { Arn: arn('kinesis', `stream/${name}`) } };
    },
    remove: async ({ ref }) => {
      await clients.kinesis.send(new DeleteStreamCommand({ StreamName: ref }));
    },
  });
