import type { Item } from './item.ts';
import { fitting, type PackingBounds, pack } from './packing.ts';
import { hashKeyOf } from './shard-map.ts';

/** A packed record. It stays the same, byte by byte, in every attempt. */
export interface Packet {
  readonly lane: Lane;
  readonly items: readonly Item[];
  readonly data: Uint8Array;
  /** Data and partition key. */
  readonly bytes: number;
  readonly events: number;
  /** Attempts so far, also the one under way. */
  attempts: number;
  /** Epoch milliseconds of the first attempt. */
  firstAttemptMs: number | undefined;
  isUnderWay: boolean;
  /** Whether the stream may hold it although no answer says so: that of an attempt before was lost. */
  inDoubt: boolean;
}

/** Once so many items at the front are gone, the list is cut. */
const COMPACT_AT = 1_024;

/** What waits under one partition key, in order. Only its first packet may be under way. */
export class Lane {
  readonly partitionKey: string;
  readonly keyBytes: number;
  #items: Item[] = [];
  #first = 0;
  /** Of the items that are not packed yet. */
  #bytes = 0;
  #events = 0;
  #packet: Packet | undefined;
  #hashKey: string | undefined;
  /** Failed attempts at the packet. */
  failures = 0;
  /** Epoch milliseconds before which the packet is not tried again. */
  retryAtMs = 0;

  constructor(partitionKey: string) {
    this.partitionKey = partitionKey;
    this.keyBytes = Buffer.byteLength(partitionKey);
  }

  get hashKey(): string {
    this.#hashKey ??= hashKeyOf(this.partitionKey);
    return this.#hashKey;
  }

  get isEmpty(): boolean {
    return this.#packet === undefined && this.#first === this.#items.length;
  }

  /** Packed, but not delivered. */
  get packet(): Packet | undefined {
    return this.#packet;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#bytes += item.encoded.bytes;
    this.#events += item.encoded.count;
  }

  /** Bytes of what is not packed yet. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Whether what waits fills a record. */
  isFull({ bytes, events }: PackingBounds): boolean {
    return this.#bytes >= bytes || this.#events >= events;
  }

  /** What the next packet will take, but for separators and compression. */
  nextBytes({ bytes }: PackingBounds): number {
    if (this.#packet !== undefined) return this.#packet.bytes;
    const first = this.#items[this.#first]?.encoded.bytes ?? 0;
    return Math.min(this.#bytes, Math.max(first, bytes)) + this.keyBytes;
  }

  /** Since when the first item lingers, epoch milliseconds; undefined if all are packed. */
  get lingersSinceMs(): number | undefined {
    return this.#items[this.#first]?.sentMs;
  }

  /** The first packet, packed now unless it is already. The lane must not be empty. */
  seal(bounds: PackingBounds, gzip: boolean): Packet {
    if (this.#packet !== undefined) return this.#packet;
    const items = this.#take(fitting(this.#items, this.#first, this.keyBytes, bounds));
    const events = items.reduce((sum, { encoded }) => sum + encoded.count, 0);
    const data = pack(items, gzip);
    this.#packet = {
      lane: this,
      items,
      data,
      bytes: data.length + this.keyBytes,
      events,
      attempts: 0,
      firstAttemptMs: undefined,
      isUnderWay: false,
      inDoubt: false,
    };
    return this.#packet;
  }

  /** The packet is in: the next one may go. */
  delivered(): void {
    this.#packet = undefined;
    this.failures = 0;
    this.retryAtMs = 0;
  }

  /** Empties the lane and returns what was not packed yet, in order; the packet's own items are its own. */
  clear(): readonly Item[] {
    this.delivered();
    return this.#take(this.#items.length - this.#first);
  }

  #take(count: number): readonly Item[] {
    const taken = this.#items.slice(this.#first, this.#first + count);
    this.#first += count;
    for (const { encoded } of taken) {
      this.#bytes -= encoded.bytes;
      this.#events -= encoded.count;
    }
    if (this.#first === this.#items.length || this.#first >= COMPACT_AT) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return taken;
  }
}
