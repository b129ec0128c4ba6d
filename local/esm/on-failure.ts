import type { Batch } from './batch.ts';
import { kinesisEvent } from './payload.ts';
import type { DiscardCondition, OnFailureDocument } from './protocol.ts';
import type { Mapping } from './settings.ts';
import type { StreamRecord } from './types.ts';

/** What a document is about. */
export interface DiscardedBatch {
  readonly batch: Batch;
  readonly shardId: string;
  readonly condition: DiscardCondition;
  /** Stands for the request id of a batch that never had a response. */
  readonly fallbackRequestId: string;
}

/** The document of a discarded batch: metadata for SQS and SNS; for S3 also the records. */
export function onFailureDocument(discarded: DiscardedBatch, mapping: Mapping, nowMs: number): OnFailureDocument {
  const { batch, shardId, condition } = discarded;
  const records = batch.entries.map((entry) => entry.record);
  return {
    requestContext: {
      requestId: batch.lastResponse?.requestId ?? discarded.fallbackRequestId,
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: batch.invokeCount,
    },
    ...(batch.lastResponse && {
      responseContext: {
        statusCode: 200,
        executedVersion: executedVersion(mapping.functionArn),
        functionError: batch.lastResponse.functionError,
      },
    }),
    version: '1.0',
    timestamp: new Date(nowMs).toISOString(),
    KinesisBatchInfo: batchInfo(records, shardId, mapping),
    ...(isBucket(mapping.onFailureArn) && { payload: JSON.stringify(kinesisEvent(mapping, shardId, records)) }),
  };
}

function batchInfo(
  records: readonly StreamRecord[],
  shardId: string,
  mapping: Mapping,
): OnFailureDocument['KinesisBatchInfo'] {
  const first = records.at(0);
  const last = records.at(-1);
  if (first === undefined || last === undefined) throw new RangeError(`a discarded batch of ${shardId} has no records`);
  return {
    shardId,
    startSequenceNumber: first.sequenceNumber,
    endSequenceNumber: last.sequenceNumber,
    approximateArrivalOfFirstRecord: new Date(first.arrivalMs).toISOString(),
    approximateArrivalOfLastRecord: new Date(last.arrivalMs).toISOString(),
    batchSize: records.length,
    streamArn: mapping.streamArn,
  };
}

function isBucket(arn: string | undefined): boolean {
  return arn?.split(':')[2] === 's3';
}

/** A version qualifier is what ran; behind an alias, and without a qualifier, the local cloud has the one version. */
function executedVersion(functionArn: string): string {
  const qualifier = functionArn.split(':')[7];
  return qualifier !== undefined && /^\d+$/.test(qualifier) ? qualifier : '$LATEST';
}

/** The key of the S3 object for a document: `aws/lambda/UUID/SHARD/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-RANDOM`. */
export function onFailureObjectKey(mappingUuid: string, document: OnFailureDocument, randomUuid: string): string {
  const second = document.timestamp.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  const day = second.slice(0, 'YYYY-MM-DD'.length).replaceAll('-', '/');
  const shard = document.KinesisBatchInfo.shardId;
  return `aws/lambda/${mappingUuid}/${shard}/${day}/${second.replaceAll(':', '.')}-${randomUuid}`;
}
