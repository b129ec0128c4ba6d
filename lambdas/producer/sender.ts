import type { Catalogue } from '../core/catalogue.ts';
import type { CloudEvent } from '../core/event.ts';
import { Barrier } from './barrier.ts';
import { abortable } from './call.ts';
import { type Clock, systemClock } from './clock.ts';
import { Dispatcher } from './dispatcher.ts';
import { encodeRecord, encodeTogether } from './encode.ts';
import { InvalidEventError, OversizeEventError, ProducerClosedError, UndeliveredError } from './errors.ts';
import { GivenUp } from './given-up.ts';
import { type Encoded, Item, type Outcome } from './item.ts';
import { type ProducerMetrics, zeroCounts } from './metrics.ts';
import type { SenderOptions, Waits } from './options.ts';
import { Receipt, undeliveredOf } from './receipt.ts';
import type { PutRecords, StreamRecord } from './record.ts';
import { Room } from './room.ts';
import { type Settings, settingsOf } from './settings.ts';

const NO_WAITS: Waits = {};

/**
 * Sends complete events to one stream, in the order of each key: the engine below a Producer, for those who have CloudEvents already, or bytes.
 * What was accepted is delivered, or handed over as undelivered by `flush` or `close`; nothing is dropped.
 */
export class Sender implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #catalogue: Catalogue | undefined;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #onUndelivered: SenderOptions['onUndelivered'];
  readonly #counts = zeroCounts();
  readonly #room: Room;
  readonly #givenUp: GivenUp;
  readonly #barrier = new Barrier();
  readonly #dispatcher: Dispatcher;
  #isClosed = false;
  #ended: { readonly reason: unknown } | undefined;
  readonly #onSettled = (item: Item, outcome: Outcome): void => this.#settled(item, outcome);
  readonly #onAbort = (): void => this.#end(this.#signal?.reason);

  constructor(put: PutRecords, options: SenderOptions = {}) {
    const { catalogue, signal, clock = systemClock, onCall, onUndelivered, ...settings } = options;
    this.#onUndelivered = onUndelivered;
    this.#settings = settingsOf(settings);
    this.#catalogue = catalogue;
    this.#clock = clock;
    this.#signal = signal;
    this.#room = new Room({ count: this.#settings.bufferEvents, bytes: this.#settings.bufferBytes });
    this.#givenUp = new GivenUp(this.#room);
    this.#dispatcher = new Dispatcher({
      put,
      settings: this.#settings,
      clock,
      counts: this.#counts,
      isUrgent: () => this.#room.isContended || this.#barrier.isWaitedFor,
      onDefect: (defect) => this.#end(defect),
      onCall,
    });
    if (signal?.aborted) this.#onAbort();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Sends one complete event; its key is its subject. As `sendTogether`. */
  send(event: CloudEvent, waits: Waits = NO_WAITS): Promise<Receipt> {
    return this.sendTogether([event], waits);
  }

  /**
   * Sends events of one subject in one record, so that they arrive together and in order. Judges and encodes them at once: what the caller does to
   * them afterwards changes nothing, and events of one subject go out in the order of the calls. Resolves as soon as the buffer has room for
   * them, which is not yet delivery.
   *
   * @throws InvalidEventError, OversizeEventError; UndeliveredError while there is something that `flush` has not handed over;
   * ProducerClosedError; the reason of a signal that aborts.
   */
  sendTogether(events: readonly CloudEvent[], waits: Waits = NO_WAITS): Promise<Receipt> {
    return this.sendEncoded((gzip) => encodeTogether(events, this.#catalogue, gzip), waits);
  }

  /** What `send` would refuse the event for, if anything. Sends nothing. */
  faultOf(event: CloudEvent): InvalidEventError | OversizeEventError | undefined {
    try {
      encodeTogether([event], this.#catalogue, this.#settings.gzip);
      return undefined;
    } catch (error) {
      if (error instanceof InvalidEventError || error instanceof OversizeEventError) return error;
      throw error;
    }
  }

  /** Sends a record of the caller's own making, byte by byte and packed with nothing else. Its events are not judged. Else as `sendTogether`. */
  sendRecord(record: StreamRecord, waits: Waits = NO_WAITS): Promise<Receipt> {
    return this.sendEncoded(() => encodeRecord(record), waits);
  }

  /** As `sendTogether`, but at once or not at all: undefined if the buffer has no room. */
  offerTogether(events: readonly CloudEvent[]): Receipt | undefined {
    this.#refuse();
    const encoded = this.#counted((gzip) => encodeTogether(events, this.#catalogue, gzip));
    return this.#room.tryTake(encoded) ? new Receipt(this.#accepted(this.#itemOf(encoded))) : undefined;
  }

  /**
   * Sends what `encode` makes, which is called at once. Else as `sendTogether`.
   *
   * @param encode is told whether to compress.
   */
  async sendEncoded(encode: (gzip: boolean) => Encoded, { signal }: Waits = NO_WAITS): Promise<Receipt> {
    this.#refuse();
    signal?.throwIfAborted();
    const encoded = this.#counted(encode);
    const item = this.#itemOf(encoded);
    if (this.#room.tryTake(encoded)) this.#accepted(item);
    else await this.#admitted(item, signal);
    return new Receipt(item);
  }

  /**
   * Resolves once everything that was sent before is in the stream. Lets nothing linger meanwhile.
   *
   * @throws UndeliveredError with everything that is given up since the last time; the reason of the signal.
   */
  async flush({ signal }: Waits = {}): Promise<void> {
    const passed = this.#barrier.passed();
    this.#dispatcher.wake();
    await (signal === undefined ? passed : abortable(signal, () => passed));
    const undelivered = this.#givenUp.handOver();
    if (undelivered.length > 0) throw new UndeliveredError(undelivered);
  }

  /**
   * Accepts nothing more, and resolves once everything that was accepted is in the stream.
   *
   * @param waits its signal gives up what is not in the stream by then.
   * @throws UndeliveredError with everything that is not.
   */
  async close({ signal }: Waits = {}): Promise<void> {
    this.#isClosed = true;
    const onAbort = (): void => this.#end(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await this.flush();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#signal?.removeEventListener('abort', this.#onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  metrics(): ProducerMetrics {
    const { count: events, bytes } = this.#room.taken;
    return { ...this.#counts, buffered: { events, bytes }, pacedShards: this.#dispatcher.pacedShards() };
  }

  #itemOf(encoded: Encoded): Item {
    return new Item(encoded, this.#clock.now(), this.#barrier.enter(), this.#onSettled);
  }

  /** It has its room, and goes. */
  #accepted(item: Item): Item {
    this.#counts.accepted += item.encoded.count;
    this.#dispatcher.push(item);
    return item;
  }

  /** Waits for room for it. */
  async #admitted(item: Item, signal: AbortSignal | undefined): Promise<void> {
    try {
      const admitted = this.#room.take(item.encoded, () => void this.#accepted(item), signal);
      this.#dispatcher.wake();
      await admitted;
    } catch (error) {
      this.#barrier.leave(item.epoch);
      throw error;
    }
  }

  #settled(item: Item, outcome: Outcome): void {
    const { encoded } = item;
    if (outcome.kind === 'delivered') {
      this.#counts.delivered += encoded.count;
      this.#room.release(encoded);
    } else {
      this.#counts.undelivered += encoded.count;
      const undelivered = undeliveredOf(item, outcome);
      this.#givenUp.add(undelivered, encoded);
      this.#onUndelivered?.(undelivered);
    }
    this.#barrier.leave(item.epoch);
  }

  #end(reason: unknown): void {
    this.#ended ??= { reason };
    this.#dispatcher.abort(reason);
    this.#room.refuseAll(reason);
  }

  /** Encodes, and counts what is refused. */
  #counted(encode: (gzip: boolean) => Encoded): Encoded {
    try {
      return encode(this.#settings.gzip);
    } catch (error) {
      if (error instanceof InvalidEventError) this.#counts.invalid += 1;
      else if (error instanceof OversizeEventError) this.#counts.oversize += 1;
      throw error;
    }
  }

  #refuse(): void {
    if (this.#ended !== undefined) throw this.#ended.reason;
    if (this.#isClosed) throw new ProducerClosedError();
    if (!this.#givenUp.isEmpty) throw this.#givenUp.error();
  }
}
