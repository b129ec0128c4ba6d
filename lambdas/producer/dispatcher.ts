import { type CallResult, call } from './call.ts';
import { Alarm, type Clock } from './clock.ts';
import type { DeliveryFailure } from './errors.ts';
import { aborted, backoffMs, failureOfCall, failureOfRecord, mayHaveHappened } from './failures.ts';
import type { Item } from './item.ts';
import type { Lane, Packet } from './lane.ts';
import { Lanes } from './lanes.ts';
import { type CallReport, type ProducerCounts, reportOf } from './metrics.ts';
import { type PacedShard, Pacing } from './pacing.ts';
import { type PutRecords, RecordError } from './record.ts';
import type { Settings } from './settings.ts';

export interface DispatcherOptions {
  readonly put: PutRecords;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly counts: ProducerCounts;
  /** Whether all that waits is due: something waits for it. */
  readonly isUrgent: () => boolean;
  /** Something failed that cannot: a defect, or a callback that throws. */
  readonly onDefect: (defect: unknown) => void;
  readonly onCall?: ((report: CallReport) => void) | undefined;
}

/**
 * Makes the calls. The stream holds what was pushed under one partition key in the order in which it was pushed: a call carries one record of a
 * key at most, since a partial failure does not stop later records, and a key's next record waits until the one before is in. A lost answer
 * leads to a repeat of the very same record, never to a gap.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #pacing = new Pacing();
  readonly #lanes: Lanes;
  readonly #alarm: Alarm;
  readonly #stop = new AbortController();
  #underWay = 0;
  #isWaking = false;
  /** Calls that failed as a whole since one did not; until `pausedUntilMs`, none is made. */
  #failedInARow = 0;
  #pausedUntilMs = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.settings, this.#pacing);
    this.#alarm = new Alarm(options.clock, () => this.#pump());
  }

  pacedShards(): readonly PacedShard[] {
    return this.#pacing.paced();
  }

  push(item: Item): void {
    if (this.#lanes.push(item)) this.wake();
    else this.#alarm.setBy(item.sentMs + this.#options.settings.lingerMs);
  }

  /** Looks, soon, whether a call can be made: more is due than before. */
  wake(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    queueMicrotask(() => {
      this.#isWaking = false;
      this.#pump();
    });
  }

  /** Gives everything up, for ever. What is under way is aborted, and may be in the stream all the same. */
  abort(reason: unknown): void {
    this.#stop.abort(reason);
    this.#alarm.cancel();
    this.#giveUpAll(aborted(reason));
  }

  #pump(): void {
    const { clock, settings, isUrgent, onDefect } = this.#options;
    // One call at a time finds out whether the stream is back.
    const most = this.#failedInARow > 0 ? 1 : settings.concurrency;
    while (this.#underWay < most && !this.#stop.signal.aborted) {
      const nowMs = clock.now();
      const isPaused = nowMs < this.#pausedUntilMs;
      const { packets, dueMs } = isPaused
        ? { packets: [], dueMs: this.#pausedUntilMs }
        : this.#lanes.nextCall(nowMs, isUrgent());
      if (packets.length === 0) {
        if (Number.isFinite(dueMs)) this.#alarm.setBy(dueMs);
        return;
      }
      this.#underWay += 1;
      this.#send(packets, nowMs).catch(onDefect);
    }
  }

  async #send(packets: readonly Packet[], nowMs: number): Promise<void> {
    const { put, settings, clock, counts, onCall } = this.#options;
    counts.calls += 1;
    for (const packet of packets) {
      packet.attempts += 1;
      packet.firstAttemptMs ??= nowMs;
      packet.isUnderWay = true;
    }
    const result = await call(put, packets, settings.callTimeoutMs, clock, this.#stop.signal);
    this.#underWay -= 1;
    for (const packet of packets) packet.isUnderWay = false;
    const answeredMs = clock.now();
    if (result.answers === undefined) this.#failed(packets, result.error, answeredMs);
    else this.#answered(packets, result.answers, answeredMs);
    onCall?.(reportOf(packets, result, answeredMs - nowMs));
    this.#pump();
  }

  #answered(packets: readonly Packet[], answers: NonNullable<CallResult['answers']>, nowMs: number): void {
    const { counts, settings } = this.#options;
    this.#failedInARow = 0;
    for (const [nth, packet] of packets.entries()) {
      const answer = answers[nth] ?? new RecordError('MissingAnswer', 'The client left the record out of its answer');
      if (answer instanceof RecordError) {
        this.#refused(packet, answer, nowMs);
        continue;
      }
      if (settings.paceShards) this.#pacing.delivered(packet.lane, answer.shardId, nowMs);
      if (!isOpen(packet)) continue;
      counts.records += 1;
      counts.bytes += packet.bytes;
      this.#lanes.delivered(packet);
      const outcome = { kind: 'delivered', delivery: answer } as const;
      for (const item of packet.items) item.settle(outcome);
    }
  }

  /** The stream did not take one record of a call. */
  #refused(packet: Packet, error: RecordError, nowMs: number): void {
    const { counts, clock, settings } = this.#options;
    const failure = failureOfRecord(error);
    const isThrottled = failure.kind === 'throttled';
    counts.failedRecords += 1;
    if (isThrottled) counts.throttledRecords += 1;
    if (isThrottled && settings.paceShards) this.#pacing.throttled(packet.lane, error.shardId, nowMs);
    const retryAtMs = nowMs + backoffMs(packet.lane.failures + 1, clock);
    this.#retry(packet, failure, { isDoubtful: !isThrottled, retryAtMs, nowMs });
  }

  /** The call failed as a whole, or nothing is known of it. */
  #failed(packets: readonly Packet[], error: unknown, nowMs: number): void {
    const { counts, clock } = this.#options;
    const failure = failureOfCall(error);
    counts.failedCalls += 1;
    this.#failedInARow += 1;
    this.#pausedUntilMs = nowMs + backoffMs(this.#failedInARow, clock);
    const attempt = { isDoubtful: mayHaveHappened(error), retryAtMs: nowMs, nowMs };
    if (failure.kind === 'refused') {
      for (const packet of packets) packet.inDoubt ||= attempt.isDoubtful;
      this.#giveUpAll(failure);
    } else for (const packet of packets) this.#retry(packet, failure, attempt);
  }

  #retry(packet: Packet, failure: DeliveryFailure, { isDoubtful, retryAtMs, nowMs }: FailedAttempt): void {
    if (!isOpen(packet)) return;
    packet.inDoubt ||= isDoubtful;
    const { attempts = Number.POSITIVE_INFINITY, deliveryTimeoutMs } = this.#options.settings;
    const isOver = packet.attempts >= attempts || nowMs - (packet.firstAttemptMs ?? nowMs) >= deliveryTimeoutMs;
    if (isOver) this.#giveUp(packet.lane, failure);
    else {
      if (isDoubtful) this.#options.counts.repeated += packet.events;
      this.#lanes.failed(packet, retryAtMs);
    }
  }

  #giveUpAll(failure: DeliveryFailure): void {
    for (const lane of this.#lanes.all()) this.#giveUp(lane, failure);
  }

  /** What waits behind the packet goes with it: sent on its own, it would overtake. */
  #giveUp(lane: Lane, failure: DeliveryFailure): void {
    const { packet } = lane;
    const behind = this.#lanes.drop(lane);
    const inDoubt = packet !== undefined && (packet.inDoubt || packet.isUnderWay);
    for (const item of packet?.items ?? []) item.settle({ kind: 'undelivered', failure, inDoubt });
    for (const item of behind) item.settle({ kind: 'undelivered', failure, inDoubt: false });
  }
}

interface FailedAttempt {
  /** Whether it may have put the record all the same. */
  readonly isDoubtful: boolean;
  readonly retryAtMs: number;
  readonly nowMs: number;
}

/** Whether the packet is still waited for, and not given up meanwhile. */
const isOpen = (packet: Packet): boolean => packet.lane.packet === packet;
