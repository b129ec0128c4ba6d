import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import type { ShopEvent } from '../../../lambdas/systems/profiles/events.ts';
import { newProfile, type Profile, reduce } from '../../../lambdas/systems/profiles/reducer.ts';
import { decode } from './decode.ts';
import { documentClient } from './document-client.ts';
import { requiredVariable } from './environment.ts';

/**
 * The same profiles by Powertools for AWS Lambda, as its documentation has it: the batch processor calls a record handler, and what must
 * not happen twice is made idempotent by the event's identity, with DynamoDB as the persistence layer.
 */
const TABLE = requiredVariable('STATE_TABLE');
const inParallel = requiredVariable('IN_PARALLEL') === 'true';
const dynamodb = documentClient(DEFAULTS.sockets);
const processor = new BatchProcessor(EventType.KinesisDataStreams);
const config = new IdempotencyConfig({
  eventKeyJmesPath: '[source, id]',
  throwOnNoIdempotencyKey: true,
  useLocalCache: requiredVariable('LOCAL_CACHE') === 'true',
});
// The same client as for the rows: same sockets, same keep-alive.
const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: requiredVariable('IDEMPOTENCY_TABLE'),
  awsSdkV3Client: dynamodb,
});
const applyOnce = makeIdempotent(apply, { persistenceStore, config });

/** Of the invocation under way, the end of each user's last record; under one name, of any record, if there is to be one order. */
let tails = new Map<string, Promise<void>>();

export async function handler(event: KinesisStreamEvent, context: Context): Promise<KinesisStreamBatchResponse> {
  config.registerLambdaContext(context);
  tails = new Map();
  const options = { context, processInParallel: inParallel, throwOnFullBatchFailure: false };
  return processPartialResponse(event, inOrder, processor, options);
}

/**
 * A record after the earlier ones: of its user, if records run in parallel, since Powertools then keeps no order, and the reducer needs
 * one; of the whole batch otherwise, as its FIFO processor has it. After one that failed, none is applied.
 */
function inOrder(record: KinesisStreamRecord): Promise<void> {
  const tail = inParallel ? record.kinesis.partitionKey : '';
  const result = (tails.get(tail) ?? Promise.resolve()).then(() => applyOnce(decode(record)));
  tails.set(tail, result);
  return result;
}

type StoredProfile = Profile & { readonly id: string; readonly _version: number };

async function apply(event: ShopEvent): Promise<void> {
  const { subject: id } = event;
  const { Item } = await dynamodb.send(new GetCommand({ TableName: TABLE, Key: { id }, ConsistentRead: true }));
  const stored = Item as StoredProfile | undefined;
  const { state } = reduce(stored === undefined ? newProfile() : profileOf(stored), event);
  const version = (stored?._version ?? 0) + 1;
  await dynamodb.send(
    new PutCommand({ TableName: TABLE, Item: { ...state, id, _version: version }, ...conditionOf(stored?._version) }),
  );
}

function profileOf({ id: _id, _version, ...profile }: StoredProfile): Profile {
  return profile;
}

const conditionOf = (version: number | undefined) =>
  version === undefined
    ? { ConditionExpression: 'attribute_not_exists(#id)', ExpressionAttributeNames: { '#id': 'id' } }
    : {
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': '_version' },
        ExpressionAttributeValues: { ':version': version },
      };
