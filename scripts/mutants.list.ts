/** A rule of the protocol or of the engine, broken on purpose. Some test must fail of it. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Must occur exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

const fold = 'lambdas/core/fold.ts';
const round = 'lambdas/runtime/round.ts';
const settle = 'lambdas/runtime/settle.ts';
const batch = 'lambdas/runtime/batch.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'position check: a record delivered again is folded again',
    file: fold,
    find: 'if (isCovered(marks, next.position)) {',
    replace: 'if (isCovered({}, next.position)) {',
  },
  {
    name: 'positions compared as text',
    file: 'lambdas/core/position.ts',
    find: 'if (left.length !== right.length) return left.length - right.length;',
    replace: '',
  },
  {
    name: "id check: a producer's repeat counts twice",
    file: fold,
    find: 'if (known.has(next.idHash)) {',
    replace: 'if (known.has(next.idHash) && known.size > 1_000) {',
  },
  {
    name: 'a repeat that only its id tells does not pass its position',
    file: fold,
    find: 'repeated = true;',
    replace: '',
  },
  {
    name: 'version condition: a put replaces whatever is there',
    file: 'lambdas/aws/dynamodb-store.ts',
    find: "ConditionExpression: '#version = :version AND #epoch = :epoch',",
    replace: "ConditionExpression: '#version >= :version AND #epoch = :epoch',",
  },
  {
    name: 'epoch condition: a row is taken for an earlier one of its key',
    file: 'lambdas/aws/dynamodb-store.ts',
    find: "ConditionExpression: '#version = :version AND #epoch = :epoch',",
    replace: "ConditionExpression: '#version = :version AND #epoch <> #version AND :epoch = :epoch',",
  },
  {
    name: '_tx check: a write of somebody else is taken for our own',
    file: round,
    find: 'row?.token === context.token && row.version === put.row.version',
    replace: 'row?.version === put.row.version',
  },
  {
    name: '_v beside _tx: an earlier write of our own is taken for the later one',
    file: round,
    find: 'row?.token === context.token && row.version === put.row.version',
    replace: 'row?.token === context.token',
  },
  {
    name: 'own writes are not recognised',
    file: round,
    find: 'if (isOwnWrite(context, put, row)) {',
    replace: 'if (isOwnWrite(context, put, undefined)) {',
  },
  {
    name: 'settling by checkpoint: an outbox counts as sent',
    file: settle,
    find: 'row?.outbox !== undefined &&',
    replace: 'row?.outbox !== undefined && row.version < 0 &&',
  },
  {
    name: 'an outbox is sent again from a stale row',
    file: settle,
    find: 'if (read.lane.consistent) unproven.push(read);',
    replace: 'if (read.lane.consistent || read.row.version > 0) unproven.push(read);',
  },
  {
    name: 'rejection before the commit: letters are sent for keys that are committed anyway',
    file: round,
    find: 'return plans.filter((planned) => !blocked.has(planned));',
    replace: 'return plans;',
  },
  {
    name: 'what throws on a stale row is rejected',
    file: 'lambdas/runtime/plan.ts',
    find: 'if (threw > 0 && !lane.consistent) {',
    replace: 'if (threw > 1_000 && !lane.consistent) {',
  },
  {
    name: 'lowest failure: the last failed record is reported',
    file: batch,
    find: 'progress.failedFrom = Math.min(progress.failedFrom, lane.items[lane.next]?.record ?? 0);',
    replace: 'progress.failedFrom = lane.items[lane.next]?.record ?? 0;',
  },
  {
    name: 'effects that are not accepted do not hold their record back',
    file: round,
    find: 'if (trouble === undefined) finishStep(lane, put.folded.outcomes.length);',
    replace: 'if (trouble === undefined || trouble.code) finishStep(lane, put.folded.outcomes.length);',
  },
  {
    name: 'a checkpoint although the fate of a put is unknown',
    file: batch,
    find: 'if (lane.uncertain !== undefined || lane.committed !== undefined) progress.allSent = false;',
    replace: 'if (lane.committed !== undefined) progress.allSent = false;',
  },
  {
    name: 'abort of requests in flight: the handler returns while they run',
    file: 'lambdas/runtime/time-limits.ts',
    find: "    controller.abort(new Error('The invocation has no more time'));",
    replace: "    if (!ended.signal.aborted) controller.abort(new Error('The invocation has no more time'));",
  },
  {
    name: 'a bad deployment dead-letters the world',
    file: 'lambdas/runtime/plan.ts',
    find: 'if (folded < atLeast || threw <= share * folded) return plans;',
    replace: 'if (folded < atLeast || threw <= folded) return plans;',
  },
  {
    name: 'a row of newer code is folded by older code',
    file: round,
    find: 'row !== undefined && row.schema > context.processor.state.version;',
    replace: 'row !== undefined && row.schema > context.processor.state.version + 1;',
  },
  {
    name: 'attempts of an outage count as crashes',
    file: batch,
    find: 'if (counted && only !== undefined)',
    replace: 'if (counted && only !== undefined && state.failedFrom < 0)',
  },
  {
    name: 'a key that is not the partition key is folded',
    file: 'lambdas/runtime/decode/event.ts',
    find: 'if (event.subject !== place.part.partitionKey || isForeignAggregate(event, place, settings)) {',
    replace: 'if (isForeignAggregate(event, place, { ...settings, kplProducers: true })) {',
  },
  {
    name: 'engine: children are read before their parents are processed',
    file: 'local/esm/lineage.ts',
    find: "return parent === undefined || parent.stage === 'done';",
    replace: 'return true;',
  },
  {
    name: 'engine: the first reported number is the checkpoint, not the lowest',
    file: 'local/esm/response.ts',
    find: 'lowest === undefined || compareSequenceNumbers(next, lowest) < 0 ? next : lowest',
    replace: 'lowest ?? next',
  },
  {
    name: 'engine: an unknown number in a response is a success',
    file: 'local/esm/response.ts',
    find: "return index === -1 ? { kind: 'failed', response }",
    replace: "return index === -1 ? { kind: 'succeeded' }",
  },
  {
    name: 'engine: a bisect drops the second half',
    file: 'local/esm/lane-machine.ts',
    find: 'lane.pending.push(recovery.second, recovery.first);',
    replace: 'lane.pending.push(recovery.first);',
  },
  {
    name: 'engine: a split spends a retry',
    file: 'local/esm/batch.ts',
    find: 'return [newBatch(batch.entries.slice(0, middle)), newBatch(batch.entries.slice(middle))];',
    replace: 'return cutAt(withRetryUsed(batch), middle);',
  },
  {
    name: 'engine: one retry too few',
    file: 'local/esm/retry.ts',
    find: 'return batch.retriesUsed >= maximumRetryAttempts;',
    replace: 'return batch.retriesUsed + 1 >= maximumRetryAttempts;',
  },
  {
    name: 'engine: records of one partition key go to any lane',
    file: 'local/esm/shard.ts',
    find: 'shard.lanes[laneIndexOf(record.partitionKey, shard.lanes.length)]',
    replace: 'shard.lanes[laneIndexOf(record.sequenceNumber, shard.lanes.length)]',
  },
  {
    name: 'engine: an on-failure document that is refused is dropped',
    file: 'local/esm/lane-machine.ts',
    find: 'if (accepted) {',
    replace: 'if (accepted || sent.failures === 0) {',
  },
];
