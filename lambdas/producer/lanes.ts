import type { Item } from './item.ts';
import { Lane, type Packet } from './lane.ts';
import type { Pacing } from './pacing.ts';
import type { PackingBounds } from './packing.ts';
import type { Settings } from './settings.ts';

/** The packets of the next call, or when there may be one. */
export interface NextCall {
  readonly packets: readonly Packet[];
  /** Epoch milliseconds from which a lane is due, if none is now and nothing else changes. */
  readonly dueMs: number;
}

/** Everything that waits or is under way, by partition key. A lane is idle unless its packet is under way. */
export class Lanes {
  readonly #settings: Settings;
  readonly #bounds: PackingBounds;
  readonly #pacing: Pacing;
  readonly #lanes = new Map<string, Lane>();
  /** Least recently served first. */
  readonly #idle = new Set<Lane>();
  /** Bytes of what is not packed yet, in all lanes. */
  #waitingBytes = 0;

  constructor(settings: Settings, pacing: Pacing) {
    this.#settings = settings;
    this.#bounds = { events: settings.recordEvents, bytes: settings.recordBytes };
    this.#pacing = pacing;
  }

  /** Adds an item behind those of its key. Tells whether its record, or a whole call, is full, so that it need not linger. */
  push(item: Item): boolean {
    const { partitionKey } = item.encoded;
    let lane = this.#lanes.get(partitionKey);
    if (lane === undefined) {
      lane = new Lane(partitionKey);
      this.#lanes.set(partitionKey, lane);
      this.#idle.add(lane);
    }
    lane.push(item);
    this.#waitingBytes += item.encoded.bytes;
    return lane.isFull(this.#bounds) || this.#isCallFull;
  }

  /**
   * The packets of one call: of each key the first, of those that are due, and, to fill the call, of those that have waited for half of their time.
   * They are under way until they are `delivered`, `failed` or dropped.
   *
   * @param urgent whether all that waits is due.
   */
  nextCall(nowMs: number, urgent: boolean): NextCall {
    const { due, soon, dueMs } = this.#sorted(nowMs, urgent || this.#isCallFull);
    const packets: Packet[] = [];
    if (due.length === 0) return { packets, dueMs };
    let room = this.#settings.callBytes;
    for (const lane of [...due, ...soon]) {
      // Packets of this very call may have used up what a slow shard takes.
      if (!this.#isFree(lane, nowMs)) continue;
      // Packed and left behind, it would be due alone.
      if (packets.length > 0 && lane.nextBytes(this.#bounds) > room) break;
      const packet = this.#seal(lane);
      if (packets.length > 0 && packet.bytes > room) break;
      room -= packet.bytes;
      packets.push(packet);
      this.#pacing.sent(lane, packet.bytes, nowMs);
      this.#idle.delete(lane);
      if (packets.length === this.#settings.callRecords) break;
    }
    return { packets, dueMs };
  }

  /** The packet is in: its key's next may go, after the other keys had their turn. */
  delivered({ lane }: Packet): void {
    lane.delivered();
    if (lane.isEmpty) this.#lanes.delete(lane.partitionKey);
    else this.#idle.add(lane);
  }

  /** The packet is not in, or not known to be: it stays the first of its key, and may go again at `retryAtMs`. */
  failed({ lane }: Packet, retryAtMs: number): void {
    lane.failures += 1;
    lane.retryAtMs = retryAtMs;
    this.#idle.add(lane);
  }

  /** Forgets a lane, and returns what waited behind its packet. */
  drop(lane: Lane): readonly Item[] {
    this.#lanes.delete(lane.partitionKey);
    this.#idle.delete(lane);
    this.#waitingBytes -= lane.waitingBytes;
    return lane.clear();
  }

  all(): readonly Lane[] {
    return [...this.#lanes.values()];
  }

  get #isCallFull(): boolean {
    return this.#waitingBytes >= this.#settings.callBytes;
  }

  #seal(lane: Lane): Packet {
    const before = lane.waitingBytes;
    const packet = lane.seal(this.#bounds, this.#settings.gzip);
    this.#waitingBytes -= before - lane.waitingBytes;
    return packet;
  }

  #sorted(nowMs: number, urgent: boolean): { due: readonly Lane[]; soon: readonly Lane[]; dueMs: number } {
    const due: Lane[] = [];
    const soon: Lane[] = [];
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#idle) {
      const dueMs = this.#dueMs(lane, nowMs, urgent);
      if (dueMs > nowMs) {
        earliestMs = Math.min(earliestMs, dueMs);
        if (lane.packet === undefined && dueMs - nowMs <= this.#settings.lingerMs / 2) soon.push(lane);
        continue;
      }
      due.push(lane);
      if (due.length === this.#settings.callRecords) break;
    }
    return { due, soon, dueMs: earliestMs };
  }

  #dueMs(lane: Lane, nowMs: number, urgent: boolean): number {
    const { packet, lingersSinceMs = nowMs } = lane;
    const isLingering = packet === undefined && !urgent && !lane.isFull(this.#bounds);
    const dueMs = isLingering ? lingersSinceMs + this.#settings.lingerMs : lane.retryAtMs;
    return dueMs > nowMs ? dueMs : this.#pacing.readyAt(lane, nowMs);
  }

  #isFree(lane: Lane, nowMs: number): boolean {
    return this.#pacing.readyAt(lane, nowMs) <= nowMs;
  }
}
