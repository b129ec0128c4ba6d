import type { Folded, Incoming } from '../core/fold.ts';
import type { Row } from '../core/row.ts';
import type { TransientError } from './ports.ts';

/** An event in a lane, with what a dead letter or a failure would need of it. */
export interface LaneItem {
  readonly incoming: Incoming;
  readonly payload: () => Uint8Array;
  /** Index of its record in the batch. */
  readonly record: number;
}

/** A put on its way or made: the row, what it replaces, and the fold that led to it. */
export interface Put {
  readonly row: Row;
  readonly over: Row | undefined;
  readonly folded: Folded<object>;
}

/**
 * The events of one key in a batch, and how far they have come. A lane moves through `fold` (read, settle, fold, commit) and `send` (effects
 * of the commit), once for each commit that it needs, to `done`. `stopped` means: not again in this invocation.
 */
export interface Lane {
  readonly key: string;
  readonly items: readonly LaneItem[];
  /** Index of the first item whose fate is not settled. */
  next: number;
  phase: 'fold' | 'send' | 'done' | 'stopped';
  /** Whether the next read must be consistent. */
  consistent: boolean;
  /** Whether the lane may go on at once, without backing off. */
  eager: boolean;
  /** A put whose answer was lost, until a read or a later put decides what became of it. */
  uncertain: Put | undefined;
  /** The commit whose effects are to be sent. */
  committed: Put | undefined;
  /** Ids of its effects that are out: a retry sends only the others. */
  readonly effectsOut: Set<string>;
  /** Version and epoch of the row whose outbox this invocation has settled. */
  settled: string | undefined;
  conflicts: number;
  /** Letters of the lane that are safely kept. */
  readonly lettersKept: Set<string>;
  /** What the latest fold says of the reducer: events that it folded, and those on which it threw. */
  judged: { folded: number; threw: number };
  /** Whether an event of the lane was applied: then the bound counts a put. */
  bounded: boolean;
  /** Why the lane did not get further. */
  trouble: TransientError | undefined;
}

/** Groups items by key, in order of arrival. */
export function lanesOf(items: readonly (LaneItem & { readonly key: string })[]): readonly Lane[] {
  const groups = new Map<string, LaneItem[]>();
  for (const item of items) {
    const group = groups.get(item.key);
    if (group === undefined) groups.set(item.key, [item]);
    else group.push(item);
  }
  return [...groups].map(([key, group]) => newLane(key, group));
}

const newLane = (key: string, items: readonly LaneItem[]): Lane => ({
  key,
  items,
  next: 0,
  phase: 'fold',
  consistent: false,
  eager: true,
  uncertain: undefined,
  committed: undefined,
  effectsOut: new Set(),
  settled: undefined,
  conflicts: 0,
  lettersKept: new Set(),
  judged: { folded: 0, threw: 0 },
  bounded: false,
  trouble: undefined,
});

/** Not in this round: a transient failure. */
export function block(lane: Lane, trouble: TransientError): void {
  lane.trouble = trouble;
}

/** Not in this invocation: trying again at once cannot help. */
export function stop(lane: Lane, trouble: TransientError): void {
  lane.trouble = trouble;
  lane.phase = 'stopped';
}

/** Once more at once, over a consistently read row. */
export function again(lane: Lane): void {
  lane.consistent = true;
  lane.eager = true;
}

/** The step that `taken` items made is settled, with its effects. */
export function finishStep(lane: Lane, taken: number): void {
  lane.next += taken;
  lane.committed = undefined;
  lane.uncertain = undefined;
  lane.trouble = undefined;
  lane.phase = lane.next < lane.items.length ? 'fold' : 'done';
  if (lane.phase === 'fold') again(lane);
}

export const pendingItems = (lane: Lane): readonly LaneItem[] => lane.items.slice(lane.next);
