import type { CloudEvent } from '../../../lambdas/core/event.ts';
import type { Undelivered } from '../../../lambdas/producer/index.ts';
import type { Place } from '../input/ndjson.ts';

/** First and last line. */
export type LineRange = readonly [from: number, to: number];

/** What of the input did not get into the stream. */
export interface Unsent {
  /** Events that were read, and are not in, or not known to be. */
  readonly events: number;
  /** How many of them may be in all the same: their answers were lost, or not waited for. */
  readonly inDoubt: number;
  /** The lines of those events. */
  readonly lines: readonly LineRange[];
  /** The first line that is not, or not wholly, in the stream; undefined if all of the input is. */
  readonly goOnFrom: number | undefined;
}

/** Knows on which line each event stands, so that whoever is interrupted learns where to go on. Holds no event. */
export class Places {
  readonly #places = new WeakMap<CloudEvent, Place>();
  #sending: Place | undefined;
  #last: Place | undefined;

  /** The event is about to be sent. */
  reading(event: CloudEvent, place: Place): void {
    this.#places.set(event, place);
    this.#sending = place;
    this.#last = place;
  }

  /** The producer has the last one, or it will never be sent. */
  taken(): void {
    this.#sending = undefined;
  }

  /** @param isAll whether the input was read to its end. */
  unsent(undelivered: readonly Undelivered[], isAll: boolean): Unsent {
    const places = undelivered.flatMap(({ events }) => events.map((event) => this.#places.get(event)));
    const lines = [...places, this.#sending].flatMap((place) => (place === undefined ? [] : [place.line]));
    return {
      events: lines.length,
      inDoubt: undelivered.filter(({ inDoubt }) => inDoubt).length,
      lines: rangesOf(lines),
      goOnFrom: lowest([...lines, ...(isAll ? [] : [this.#firstUnread()])]),
    };
  }

  /** Of a batch, later events may not be read yet. */
  #firstUnread(): number {
    if (this.#last === undefined) return 1;
    const { line, event } = this.#last;
    return event === undefined ? line + 1 : line;
  }
}

const lowest = (lines: readonly number[]): number | undefined =>
  lines.reduce<number | undefined>((least, line) => (least === undefined || line < least ? line : least), undefined);

function rangesOf(lines: readonly number[]): readonly LineRange[] {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last === undefined || line > last[1] + 1) ranges.push([line, line]);
    else last[1] = line;
  }
  return ranges;
}
