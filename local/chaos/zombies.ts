import { setTimeout as delay } from 'node:timers/promises';
import type { FaultRequest, Late } from '../emulators/front.ts';

interface Held {
  readonly table: string;
  readonly key: string;
  readonly release: () => void;
}

/** From the moment at which a successor's commit is asked for until it is certainly made. */
const AFTER_SUCCESSOR_MS = 500;

/** Holds back commits of functions that die, until a successor has committed the same row: as late as they can come. */
export class Zombies {
  readonly #held: Held[] = [];
  #count = 0;

  /** Commits held back so far. */
  get count(): number {
    return this.#count;
  }

  /** Holds back the put of an item. */
  hold(request: FaultRequest): Late {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.push({ ...putOf(request), release: resolve });
    this.#count += 1;
    return { after: promise };
  }

  /** Must see every request that is not held back. */
  meet(request: FaultRequest): void {
    if (this.#held.length === 0 || request.operation !== 'PutItem') return;
    const { table, key } = putOf(request);
    for (const held of this.#held.filter((one) => one.table === table && one.key === key)) {
      void delay(AFTER_SUCCESSOR_MS).then(held.release);
    }
  }

  /** Lets all go. */
  end(): void {
    for (const { release } of this.#held) release();
  }
}

function putOf(request: FaultRequest): { readonly table: string; readonly key: string } {
  const { TableName = '', Item } = request.input() as { TableName?: string; Item?: { id?: { S?: string } } };
  return { table: TableName, key: Item?.id?.S ?? '' };
}
