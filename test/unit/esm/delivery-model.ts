import { laneIndexOf } from '../../../local/esm/lane.ts';
import type { OnFailureDocument, ShardCheckpoint } from '../../../local/esm/protocol.ts';
import { compareSequenceNumbers } from '../../../local/esm/sequence.ts';
import type { StreamRecord } from '../../../local/esm/types.ts';
import type { VirtualInvocation } from '../../support/virtual-esm.ts';
import type { VirtualStream } from '../../support/virtual-stream.ts';

/**
 * What any correct delivery obeys, kept apart from how the engine works: each lane of a shard is a list of records, and whatever
 * happens takes a prefix of what is left of it.
 */
export class DeliveryModel {
  readonly #stream: VirtualStream;
  readonly #lanes: number;
  /** Records that ended processed or in a document, with the time of it. */
  readonly #ended = new Map<StreamRecord, number>();
  readonly #busyUntil = new Map<string, number>();
  /** Per shard, where the engine in use began. */
  #from = new Map<string, ShardCheckpoint['position']>();
  /** Records ended in the hands of the engine in use. */
  #taken = new Set<StreamRecord>();

  constructor(stream: VirtualStream, lanes: number) {
    this.#stream = stream;
    this.#lanes = lanes;
  }

  /** An engine starts over from these checkpoints. What the one before waited for, it never learnt. */
  restart(checkpoints: readonly ShardCheckpoint[], nowMs: number): void {
    for (const [record, endedMs] of this.#ended) if (endedMs > nowMs) this.#ended.delete(record);
    for (const { shardId, position } of checkpoints) this.#checkCheckpoint(shardId, position, nowMs);
    this.#from = new Map(checkpoints.map(({ shardId, position }) => [shardId, position]));
    this.#taken = new Set();
    this.#busyUntil.clear();
  }

  /** A batch is invoked, and `processed` of its records (the first ones) will be processed at `doneMs`. */
  invoked(invocation: VirtualInvocation, processed: number, doneMs: number): void {
    const { shardId, records, atMs } = invocation;
    const lane = this.#laneOf(shardId, records[0]);
    this.#check((this.#busyUntil.get(lane) ?? 0) <= atMs, `two batches of ${lane} at once`);
    this.#busyUntil.set(lane, doneMs);
    this.#checkInFlight(shardId, atMs);
    this.#checkParents(shardId, atMs);
    this.#checkPrefix(shardId, records);
    this.#end(records.slice(0, processed), doneMs);
  }

  discarded(document: OnFailureDocument, atMs: number): void {
    const { shardId, startSequenceNumber, endSequenceNumber, batchSize } = document.KinesisBatchInfo;
    const first = this.#stream.recordsOf(shardId).find((record) => record.sequenceNumber === startSequenceNumber);
    const records = this.#left(shardId, this.#laneOf(shardId, first)).slice(0, batchSize);
    this.#check(records[0] === first, `the document begins at ${startSequenceNumber}, which is not next`);
    this.#check(records.at(-1)?.sequenceNumber === endSequenceNumber, `the document ends at ${endSequenceNumber}`);
    this.#end(records, atMs);
  }

  /** Every record of these shards ended. */
  checkComplete(shardIds: readonly string[]): void {
    const missing = shardIds.flatMap((id) => this.#stream.recordsOf(id)).filter((record) => !this.#ended.has(record));
    this.#check(missing.length === 0, `${missing.length} records were skipped`);
  }

  #end(records: readonly StreamRecord[], atMs: number): void {
    for (const record of records) {
      this.#taken.add(record);
      this.#ended.set(record, Math.min(atMs, this.#ended.get(record) ?? atMs));
    }
  }

  #laneOf(shardId: string, record: StreamRecord | undefined): string {
    this.#check(record !== undefined, `${shardId} has no such record`);
    return `${shardId} lane ${laneIndexOf(record?.partitionKey ?? '', this.#lanes)}`;
  }

  /** What the engine in use has yet to bring to an end in a lane, in order. */
  #left(shardId: string, lane: string): readonly StreamRecord[] {
    const from = this.#from.get(shardId);
    return this.#stream
      .recordsOf(shardId)
      .filter((record) => this.#laneOf(shardId, record) === lane)
      .filter((record) => !this.#taken.has(record) && from?.kind !== 'DONE' && !isBelow(record, from));
  }

  #checkPrefix(shardId: string, records: readonly StreamRecord[]): void {
    const left = this.#left(shardId, this.#laneOf(shardId, records[0]));
    const isPrefix = records.every((record, index) => left[index] === record);
    this.#check(isPrefix && records.length > 0, `a batch of ${shardId} is not what comes next in its lane`);
  }

  #checkInFlight(shardId: string, nowMs: number): void {
    const busy = [...this.#busyUntil].filter(([lane, until]) => lane.startsWith(`${shardId} `) && until > nowMs);
    this.#check(busy.length <= this.#lanes, `${busy.length} batches of ${shardId} in flight`);
  }

  #checkParents(shardId: string, nowMs: number): void {
    const shard = this.#stream.listShards().find((listed) => listed.shardId === shardId);
    for (const parent of shard?.parentShardIds ?? []) {
      const records = this.#stream.recordsOf(parent);
      const ended = records.every((record) => (this.#ended.get(record) ?? Number.POSITIVE_INFINITY) <= nowMs);
      this.#check(ended, `${shardId} is processed before its parent ${parent}`);
    }
  }

  #checkCheckpoint(shardId: string, position: ShardCheckpoint['position'], nowMs: number): void {
    const passed = this.#stream
      .recordsOf(shardId)
      .filter((record) => position.kind === 'DONE' || isBelow(record, position));
    const ended = passed.every((record) => (this.#ended.get(record) ?? Number.POSITIVE_INFINITY) <= nowMs);
    this.#check(ended, `the checkpoint of ${shardId} is above an unfinished record`);
  }

  #check(holds: boolean, violation: string): void {
    if (!holds) throw new Error(violation);
  }
}

function isBelow(record: StreamRecord, position: ShardCheckpoint['position'] | undefined): boolean {
  if (position?.kind !== 'AFTER_SEQUENCE_NUMBER') return false;
  return compareSequenceNumbers(record.sequenceNumber, position.sequenceNumber) <= 0;
}
