/** Names that code and infrastructure share. They live here once, so that the two cannot drift apart. */

/** The namespace of a processor's metrics, unless its stage has one of its own. */
export const METRIC_NAMESPACE = 'Millrace';

/** The namespace of a stage's metrics: two stages in one account and region must not add up. */
export const metricNamespace = (stage: string): string => `${METRIC_NAMESPACE}/${stage}`;

/** The one dimension of every processor metric, as Powertools names it: the system's name. `Rejected` has `reason` besides. */
export const METRIC_DIMENSION = 'service';
export const REASON_DIMENSION = 'reason';

/** Metrics of a processor, emitted once per invocation in CloudWatch's embedded metric format. Counts unless it says otherwise. */
export const METRICS = {
  /** Records handed to the function. */
  records: 'Records',
  /** Events folded into a committed row. */
  applied: 'Applied',
  /** Events recognised by position: Lambda delivered them again. */
  duplicateByPosition: 'DuplicateByPosition',
  /** Events recognised by id: their producer sent them again. */
  duplicateById: 'DuplicateById',
  /** Events of a type of the catalogue that this processor does not handle, or that are addressed to another one. */
  ignored: 'Ignored',
  /** Events that went to the dead-letter queue; also emitted by `reason`. */
  rejected: 'Rejected',
  /** Events whose time is more than the tolerance ahead of their arrival (also counted as rejected). */
  fromFuture: 'FromFuture',
  /** Events whose key is not the partition key of their record (also counted as rejected). */
  misrouted: 'Misrouted',
  /** Conditional puts that were accepted. */
  puts: 'Puts',
  /** The least number of puts possible: distinct keys with something to fold, summed over invocations. */
  putsBound: 'PutsBound',
  /** Conditional puts that lost against another writer. */
  versionConflicts: 'VersionConflicts',
  /** Puts whose answer was lost and that were recognised as our own by their token. */
  ownWritesRecognised: 'OwnWritesRecognised',
  /** Effects accepted by their sinks. */
  effectsSent: 'EffectsSent',
  /** Effects sent again because no checkpoint proved that they had been. */
  effectsResent: 'EffectsResent',
  /** Event ids younger than the deduplication window that had to go because a row was full of them. */
  youngIdsEvicted: 'YoungIdsEvicted',
  /** Keys that a transient failure still blocked when the invocation ended. */
  blockedKeys: 'BlockedKeys',
  /** Batches stopped because the reducer threw on most of their events. */
  brokenBatches: 'BrokenBatches',
  /** Milliseconds from the arrival of the oldest event of a commit in its stream to the commit. */
  freshness: 'Freshness',
} as const;

/** Attributes of a state row that belong to the protocol. All else is state. No state attribute starts with `_`. */
export const ATTRIBUTES = {
  /** Partition key of every state table: the entity. */
  key: 'id',
  version: '_v',
  epoch: '_e',
  schema: '_s',
  positions: '_pos',
  ids: '_ids',
  outbox: '_out',
  token: '_tx',
} as const;

/** Attributes that every row of an effect has besides those that the effect gives it, of which none may start with `_`. */
export const EFFECT_ROW_ATTRIBUTES = {
  /** Partition key of every view and journal table. */
  key: 'id',
  /** Of a view: the version that it was written under. */
  version: 'version',
  /** The trace of the cause and a span of the effect's own (W3C Trace Context, `traceparent`), as published events carry it. */
  traceparent: '_trace',
  /** Id of the event that caused it; of an effect per commit, of the last event folded. `causationid` in published events. */
  cause: '_cause',
} as const;

/** Prefix of the objects that hold what no dead-letter message does. */
export const DEAD_LETTER_PREFIX = 'dead-letters/';

/** Attributes of the checkpoint table. */
export const CHECKPOINT_ATTRIBUTES = {
  /** Partition key: `tx#<token>` for a checkpoint, `attempts#<position>` for the attempts of a record alone in its batch, `redrive#<event>` for marks. */
  key: 'id',
  /** Epoch seconds after which DynamoDB may delete the item. */
  expiresAt: 'expiresAt',
  /** How far its invocation came: sequence number of its last record, by shard. */
  positions: 'positions',
  /** When it was written, epoch milliseconds. */
  at: 'at',
  attempts: 'attempts',
} as const;

/** Environment variables of a processor's function. */
export const ENV = {
  /** CloudWatch namespace of the metrics that the function emits. */
  metricNamespace: 'METRIC_NAMESPACE',
  /** Logical name of the input stream (`shop`): the name under which positions are kept, stable over re-creation. */
  inputStream: 'INPUT_STREAM',
  stateTable: 'STATE_TABLE',
  checkpointTable: 'CHECKPOINT_TABLE',
  deadLetterQueueUrl: 'DEAD_LETTER_QUEUE_URL',
  /** Bucket for dead letters that are too large for SQS. */
  deadLetterBucket: 'DEAD_LETTER_BUCKET',
  /** `true` if producers of the input stream aggregate with the KPL (parallelization factor 1 only). */
  kplProducers: 'KPL_PRODUCERS',
  /** Hours for which the input stream keeps records: positions of shards not seen for longer are pruned. */
  retentionHours: 'RETENTION_HOURS',
  /** `true` in a stage that replays historical data: arrival time is then the event's `recordedtime`. */
  replayMode: 'REPLAY_MODE',
  /** The adapter of the input stream as JSON (core/adapter.ts). Not set: it carries CloudEvents. */
  inputAdapter: 'INPUT_ADAPTER',
  /** `true` if records may be framed by a schema registry. The bundler replaces it, so that other functions do not carry what reads them. */
  binaryEvents: 'BINARY_EVENTS',
} as const;

/** The environment variable that holds the physical name of output stream `logicalName` (`profile-updates`). */
export const outputStreamEnv = (logicalName: string): string => `STREAM_${shout(logicalName)}`;
/** The environment variable that holds the URL of alert queue `logicalName`. */
export const alertQueueEnv = (logicalName: string): string => `QUEUE_${shout(logicalName)}`;
/** The environment variable that holds the physical name of table `logicalName` for row effects. */
export const effectTableEnv = (logicalName: string): string => `TABLE_${shout(logicalName)}`;
/** The REST API: its handler's source file from the project's root, and the path that is no system's. */
export const API = { entry: 'lambdas/query/handler.ts', healthPath: '/health' } as const;

/** The environment variable of the REST API that holds the name of the state table of system `name`. */
export const stateTableEnv = (name: string): string => `STATE_TABLE_${shout(name)}`;

const shout = (name: string): string => name.toUpperCase().replaceAll('-', '_');
