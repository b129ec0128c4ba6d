import { type Outgoing, sizeOf } from './outgoing.ts';

interface Lane {
  /** In the order of the input. */
  readonly records: Outgoing[];
  /** Failed attempts at the first record. */
  failures: number;
  /** Epoch milliseconds before which the first record is not tried again. */
  readyAt: number;
}

/** Records of one PutRecords request; the service's own bound is 500. */
export interface CallBounds {
  readonly records: number;
  readonly bytes: number;
}

/** Records that are read but not yet accepted, by partition key. Only the first of a key may be under way. */
export class SendWindow {
  /** Least recently served first. */
  readonly #lanes = new Map<string, Lane>();
  #records = 0;
  #bytes = 0;

  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(record: Outgoing): void {
    const lane = this.#lanes.get(record.partitionKey);
    if (lane) lane.records.push(record);
    else this.#lanes.set(record.partitionKey, { records: [record], failures: 0, readyAt: 0 });
    this.#records += 1;
    this.#bytes += sizeOf(record);
  }

  /** The first record of as many keys as are ready at `nowMs` and fit in one call. A record alone always fits. */
  ready(nowMs: number, bounds: CallBounds): readonly Outgoing[] {
    const call: Outgoing[] = [];
    let bytes = 0;
    for (const { records, readyAt } of this.#lanes.values()) {
      const [first] = records;
      if (first === undefined || readyAt > nowMs) continue;
      bytes += sizeOf(first);
      if (call.length > 0 && (call.length === bounds.records || bytes > bounds.bytes)) break;
      call.push(first);
    }
    return call;
  }

  /** When the next record becomes ready, in epoch milliseconds; undefined if there is none. */
  nextReadyAt(): number | undefined {
    const times = [...this.#lanes.values()].map(({ readyAt }) => readyAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The first record of the key is in: the next may go, after the other keys had their turn. */
  accepted(partitionKey: string): void {
    const lane = this.#lane(partitionKey);
    const record = lane.records.shift();
    if (record === undefined) throw new Error('A record was accepted that was not sent');
    this.#records -= 1;
    this.#bytes -= sizeOf(record);
    this.#lanes.delete(partitionKey);
    if (lane.records.length > 0) this.#lanes.set(partitionKey, { records: lane.records, failures: 0, readyAt: 0 });
  }

  /**
   * The first record of the key is not in, or not known to be: it stays the first.
   *
   * @param readyAt from the failed attempts at it so far, when to try it again in epoch milliseconds.
   * @returns the failed attempts.
   */
  failed(partitionKey: string, readyAt: (failures: number) => number): number {
    const lane = this.#lane(partitionKey);
    lane.failures += 1;
    lane.readyAt = readyAt(lane.failures);
    return lane.failures;
  }

  #lane(partitionKey: string): Lane {
    const lane = this.#lanes.get(partitionKey);
    if (lane === undefined) throw new Error('A record was answered that was not sent');
    return lane;
  }
}
