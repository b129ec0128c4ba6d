import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { KinesisStreamEvent } from 'aws-lambda';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { eachLimit } from '../../../lambdas/runtime/attempt.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import type { HandlerAnswer } from '../measured/environment.ts';
import { decode } from './decode.ts';
import { documentClient } from './document-client.ts';
import { requiredVariable } from './environment.ts';

/** A row to put, worked out beforehand: the variant is told what it would have to compute. */
export interface BarePut {
  readonly item: Readonly<Record<string, unknown>>;
  /** `lastSeen` of the row that it replaces; absent if there is none. */
  readonly over?: string;
}

/** An invocation with the rows that it must lead to, one for each key that it changes. */
export interface BareInvocation extends KinesisStreamEvent {
  readonly puts: readonly BarePut[];
}

const TABLE = requiredVariable('STATE_TABLE');
const dynamodb = documentClient(DEFAULTS.sockets);

/** The floor and one conditional put for each distinct key, side by side: what writing profiles costs at the very least. */
export async function handler({ Records, puts }: BareInvocation): Promise<HandlerAnswer> {
  Records.map(decode);
  await eachLimit(puts, DEFAULTS.sockets, async ({ item, over }) => {
    await dynamodb.send(new PutCommand({ TableName: TABLE, Item: item, ...conditionOf(over) }));
  });
  return { batchItemFailures: [] };
}

const conditionOf = (over: string | undefined) =>
  over === undefined
    ? { ConditionExpression: 'attribute_not_exists(#id)', ExpressionAttributeNames: { '#id': ATTRIBUTES.key } }
    : {
        ConditionExpression: '#lastSeen = :over',
        ExpressionAttributeNames: { '#lastSeen': 'lastSeen' },
        ExpressionAttributeValues: { ':over': over },
      };
