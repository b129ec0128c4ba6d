import { type Undelivered, UndeliveredError } from './errors.ts';
import type { Room, Size } from './room.ts';

/** What could not be delivered and is not handed over yet. It keeps its room until then, so that it is bounded too. */
export class GivenUp {
  readonly #room: Room;
  #undelivered: Undelivered[] = [];
  #sizes: Size[] = [];

  constructor(room: Room) {
    this.#room = room;
  }

  get isEmpty(): boolean {
    return this.#undelivered.length === 0;
  }

  /** For whoever would send more. */
  error(): UndeliveredError {
    return new UndeliveredError(this.#undelivered);
  }

  /** Nobody may overtake it: whoever waits for room is refused. */
  add(undelivered: Undelivered, size: Size): void {
    this.#undelivered.push(undelivered);
    this.#sizes.push(size);
    if (this.#room.isContended) this.#room.refuseAll(this.error());
  }

  handOver(): readonly Undelivered[] {
    const [undelivered, sizes] = [this.#undelivered, this.#sizes];
    this.#undelivered = [];
    this.#sizes = [];
    for (const size of sizes) this.#room.release(size);
    return undelivered;
  }
}
