import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type { Catalogue } from '../core/catalogue.ts';
import type { Processor } from '../core/processor.ts';
import { adapterOf } from '../runtime/adapters/index.ts';
import { createBatchRunner } from '../runtime/batch.ts';
import type { RawRecord } from '../runtime/decode/record.ts';
import { lazyFormats } from '../runtime/formats/lazy.ts';
import type { Environment } from '../runtime/ports.ts';
import { DEFAULTS } from '../runtime/settings.ts';
import { createClients } from './clients.ts';
import { awsDeadLetters } from './dead-letter-queue.ts';
import { dynamoCheckpoints } from './dynamodb-checkpoints.ts';
import { dynamoStore } from './dynamodb-store.ts';
import { awsEffectSink } from './effect-sink.ts';
import { readEnvironment } from './env.ts';
import { type BatchRange, emitMetrics, logBatch } from './observe.ts';
import { s3PutObject } from './s3-objects.ts';

export type KinesisHandler = (event: KinesisStreamEvent, context: Context) => Promise<KinesisStreamBatchResponse>;

/** The machine's own time and chance. */
export const systemEnvironment: Environment = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: Math.random,
  // 72 bits, as the port wants them: every row carries two tokens.
  token: () => randomBytes(9).toString('base64url'),
};

/** The bundler knows the variable (lib/constructs/processor-function.ts) and leaves the import out where it is not `true`. */
const binaryFormats =
  process.env.BINARY_EVENTS === 'true'
    ? lazyFormats(async () => (await import('./glue-formats.ts')).glueFormats(systemEnvironment))
    : undefined;

/** The Lambda handler of a processor. Reads the environment once, at cold start, and fails there by the variable's name. */
export function createHandler(processor: Processor<object>, catalogue: Catalogue): KinesisHandler {
  const variables = readEnvironment(process.env);
  const { sockets } = DEFAULTS;
  const clients = createClients(sockets);
  const ports = {
    store: dynamoStore(clients.dynamodb, variables.stateTable),
    sink: awsEffectSink(clients, variables.destinations, sockets),
    deadLetters: awsDeadLetters(
      clients.sendBatch,
      variables.deadLetterQueueUrl,
      variables.deadLetterBucket,
      s3PutObject(variables.deadLetterBucket),
    ),
    checkpoints: dynamoCheckpoints(clients.dynamodb, variables.checkpointTable, Date.now),
  };
  const { kplProducers, replayMode, retentionHours, inputStream: stream } = variables;
  const settings = {
    ...DEFAULTS,
    ...(variables.inputAdapter === undefined ? {} : { adapter: adapterOf(variables.inputAdapter) }),
    ...(binaryFormats === undefined ? {} : { formats: binaryFormats }),
    kplProducers,
    replayMode,
    retentionHours,
    stream,
  };
  const runner = createBatchRunner(processor, catalogue, ports, systemEnvironment, settings);
  const logger = new Logger({ serviceName: processor.name });
  const metrics = new Metrics({ namespace: variables.metricNamespace, serviceName: processor.name });
  return async (event, context) => {
    logger.addContext(context);
    const records = event.Records.map(rawRecord);
    const report = await runner.run(records, context.getRemainingTimeInMillis());
    emitMetrics(metrics, report);
    logBatch(logger, report, rangeOf(records));
    return { batchItemFailures: report.failedFrom === undefined ? [] : [{ itemIdentifier: report.failedFrom }] };
  };
}

/** Of records in their order in the shard; undefined if there are none. */
function rangeOf(records: readonly RawRecord[]): BatchRange | undefined {
  const [first] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { shard: first.shard, firstSequence: first.sequence, lastSequence: last.sequence };
}

/** `eventID` is `shardId-000000000000:sequence`. */
function rawRecord({ eventID, kinesis }: KinesisStreamRecord): RawRecord {
  return {
    shard: eventID.slice(0, eventID.indexOf(':')),
    sequence: kinesis.sequenceNumber,
    partitionKey: kinesis.partitionKey,
    arrivalMs: Math.round(kinesis.approximateArrivalTimestamp * 1000),
    data: Buffer.from(kinesis.data, 'base64'),
  };
}
