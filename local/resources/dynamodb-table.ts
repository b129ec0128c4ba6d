import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { integer, physicalName, type SupportedType, supported } from '../cloudformation/resource-type.ts';
import { arn, REASONS, type Services } from './services.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const throughput = z.strictObject({ ReadCapacityUnits: integer, WriteCapacityUnits: integer });

/** AWS::DynamoDB::Table, in dynalite. Provisioned throughput is kept and never throttles. */
export const dynamodbTable = ({ clients }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({
      TableName: z.string().optional(),
      AttributeDefinitions: z.array(
        z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
      ),
      KeySchema: keySchema,
      BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).default('PROVISIONED'),
      ProvisionedThroughput: throughput.optional(),
      GlobalSecondaryIndexes: z
        .array(
          z.strictObject({
            IndexName: z.string(),
            KeySchema: keySchema,
            Projection: projection,
            ProvisionedThroughput: throughput.optional(),
          }),
        )
        .optional(),
      LocalSecondaryIndexes: z
        .array(z.strictObject({ IndexName: z.string(), KeySchema: keySchema, Projection: projection }))
        .optional(),
    }),
    ignored: {
      PointInTimeRecoverySpecification: REASONS.protection,
      DeletionProtectionEnabled: REASONS.protection,
      SSESpecification: REASONS.encryption,
      ResourcePolicy: REASONS.access,
      Tags: REASONS.tags,
      TimeToLiveSpecification: 'dynalite expires nothing; DynamoDB itself may be days late, so readers compare times',
      ContributorInsightsSpecification: 'there is no CloudWatch Contributor Insights here',
      OnDemandThroughput: 'tables are not throttled here but by the fault hook',
      WarmThroughput: 'tables are not throttled here but by the fault hook',
      TableClass: 'it decides the price of storage alone',
    },
    create: async (properties, context) => {
      const { TableName: name = physicalName(context, 255), ...table } = properties;
      await clients.dynamodb.send(new CreateTableCommand({ TableName: name, ...withoutUndefined(table) }));
      return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
    },
    remove: async ({ ref }) => {
      await clients.dynamodb.send(new DeleteTableCommand({ TableName: ref }));
    },
  });

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** zod gives optional members as undefined, which the SDK's types do not take. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return JSON.parse(JSON.stringify(value)) as Defined<T>;
}
