import type { KinesisClient, PutRecordsCommandInput } from '@aws-sdk/client-kinesis';
import type { SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { fromWire } from '../../../lambdas/aws/attribute-values.ts';
import type { Operations } from '../../../lambdas/aws/dynamodb.ts';
import type { SinkClients } from '../../../lambdas/aws/effect-sink.ts';
import { sendBatchOf } from '../../../lambdas/aws/sqs-client.ts';
import { kinesisRecords } from '../../../lambdas/producer/index.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import type { ExecutionEnvironment } from './environment.ts';
import type { Request } from './requests.ts';
import type { Services, Sinks } from './services.ts';
import type { World } from './world.ts';

/** Clients as far as the effect sink uses them: `send` with a command and an abort signal, and puts of rows. */
export function sinkClients(world: World, { name, sinks }: Services, environment: ExecutionEnvironment): SinkClients {
  const who = `${name} env ${environment.id}`;
  const client = <Input, Output>(requestFor: (input: Input) => Request<Output>) => ({
    send: async (command: { readonly input: Input }, { abortSignal }: { readonly abortSignal: AbortSignal }) => {
      if (abortSignal.aborted) throw ABORTED;
      let failure: unknown;
      const answer = await world.requests.send(environment, requestFor(command.input)).catch((error: unknown) => {
        failure = asSdkError(error);
        return undefined;
      });
      // The SDK gives an aborted request up at once; here that shows when its answer comes.
      if (abortSignal.aborted) throw ABORTED;
      if (failure !== undefined) throw failure;
      return answer as Output;
    },
  });
  const kinesis = client((input: PutRecordsCommandInput) => ({
    port: 'streams',
    loses: 'put-answer-lost',
    land: (late) => putRecords(world, who, input, late),
  }));
  const sqs = client((input: SendMessageBatchCommandInput) => ({
    port: 'queues',
    loses: 'queue-answer-lost',
    land: () => sendMessages(world, sinks, who, input),
  }));
  const putRow = client((input: PutItemInput) => ({
    port: 'views',
    loses: 'store-answer-lost',
    land: () => put(world, sinks, who, input),
  }));
  return {
    putRecordsTo: (streamName) => kinesisRecords(kinesis as unknown as KinesisClient, streamName),
    sendBatch: sendBatchOf(sqs as unknown as SQSClient),
    dynamodb: async (_, input, abortSignal) => {
      if (!(await putRow.send({ input: input as PutItemInput }, { abortSignal }))) throw CONDITION_FAILED;
      return {};
    },
  };
}

type PutItemInput = Operations['PutItem']['input'];

function putRecords({ streams, trace }: World, who: string, input: PutRecordsCommandInput, late: boolean): object {
  const entries = (input.Records ?? []).map(({ PartitionKey = '', Data = new Uint8Array() }) => ({
    partitionKey: PartitionKey,
    data: Data,
  }));
  trace?.add(who, `sends ${entries.length} records to ${input.StreamName}`);
  const taken = streams.take(input.StreamName ?? '', entries, late);
  return {
    Records: taken.map((one) =>
      typeof one === 'string'
        ? { ErrorCode: one, ErrorMessage: 'simulated' }
        : { SequenceNumber: one.sequenceNumber, ShardId: one.shardId },
    ),
  };
}

function sendMessages({ deck, trace }: World, sinks: Sinks, who: string, input: SendMessageBatchCommandInput): object {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const { Id, MessageBody = '' } of input.Entries ?? []) {
    if (deck.strikes('throttle')) Failed.push({ Id, Code: 'RequestThrottled', Message: 'simulated' });
    else {
      sinks.messages.push({ queue: input.QueueUrl ?? '', body: MessageBody });
      Successful.push({ Id });
    }
  }
  trace?.add(who, `sends ${Successful.length} messages to ${input.QueueUrl}, ${Failed.length} refused`);
  return { Successful, Failed };
}

/** A conditional put, by the conditions that the adapter writes: on absence, or else on a lower version. False if the condition fails. */
function put({ trace }: World, sinks: Sinks, who: string, input: PutItemInput): boolean {
  const table = input.TableName;
  const item = fromWire(input.Item);
  const condition = input.ConditionExpression ?? '';
  const name = `${table}/${String(item.id)}`;
  const stored = sinks.rows.get(name);
  sinks.writes.push({ table, item, condition });
  const overLower = condition.includes('#version < :version') && Number(stored?.version) < Number(item.version);
  if (stored !== undefined && !overLower) return false;
  sinks.rows.set(name, item);
  trace?.add(who, `puts row ${name}`);
  return true;
}

/** What the SDK throws. Only the names matter, and they are thrown often: one error for each. */
const named = (name: string): Error => Object.assign(new Error('simulated'), { name });
const ABORTED = named('AbortError');
const CONDITION_FAILED = named('ConditionalCheckFailedException');
const THROTTLED = named('ProvisionedThroughputExceededException');
const UNANSWERED = named('TimeoutError');

/** What the SDK throws for what a service refuses or does not answer. */
function asSdkError(error: unknown): unknown {
  if (!(error instanceof TransientError)) return error;
  return error.code.endsWith('.throttled') ? THROTTLED : UNANSWERED;
}
