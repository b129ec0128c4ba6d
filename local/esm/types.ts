/** The settings of an event source mapping, as CloudFormation's AWS::Lambda::EventSourceMapping names them. */
export interface MappingSettings {
  readonly uuid: string;
  readonly streamArn: string;
  readonly functionArn: string;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** 0 to 300 s. */
  readonly maximumBatchingWindowInSeconds: number;
  /** 1 to 10: batches of one shard in flight at once, order kept per partition key. */
  readonly parallelizationFactor: number;
  readonly bisectBatchOnFunctionError: boolean;
  /** FunctionResponseTypes holds ReportBatchItemFailures. */
  readonly reportBatchItemFailures: boolean;
  /** -1 is unlimited; else 0 to 10,000. */
  readonly maximumRetryAttempts: number;
  /** -1 is unlimited; else 60 s to 7 d. */
  readonly maximumRecordAgeInSeconds: number;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | { readonly timestampMs: number };
  /** ARN of the on-failure destination, if there is one: a standard SQS queue, a standard SNS topic or an S3 bucket. */
  readonly onFailureArn?: string;
  /** ARN of the function's execution role, as records carry it; a role of the stream's account if absent. */
  readonly invokeIdentityArn?: string;
}

/** A record as GetRecords returns it. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** Arrival in the stream, epoch milliseconds. */
  readonly arrivalMs: number;
  readonly data: Uint8Array;
}

/** A shard as ListShards returns it. */
export interface Shard {
  readonly shardId: string;
  /** One after a split, two after a merge. */
  readonly parentShardIds: readonly string[];
}

/** What became of an invocation. */
export type InvokeResult =
  /** The function returned; `payload` is what it returned, parsed. */
  | { readonly kind: 'returned'; readonly requestId: string; readonly payload: unknown }
  /** It threw, exited, timed out or ran out of memory. */
  | {
      readonly kind: 'failed';
      readonly requestId: string;
      readonly functionError: 'Unhandled';
      readonly message: string;
    }
  /** It did not run: concurrency, or the service. Spends no retry. */
  | { readonly kind: 'throttled' };
