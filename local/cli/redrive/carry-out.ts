import { compareSequence } from '../../../lambdas/core/position.ts';
import { UnreadableRow } from '../../../lambdas/core/row.ts';
import { eachLimit } from '../../../lambdas/runtime/attempt.ts';
import type { DeadLetters } from '../../../lambdas/runtime/ports.ts';
import { whyNot } from '../status/section.ts';
import { type Edges, type EngineOptions, isDone, type Outcome, redriveOne } from './engine.ts';
import type { Item, Obstacle } from './expand.ts';
import type { Held } from './queue.ts';

/** A message with its events. */
export interface Opened {
  readonly message: Held;
  readonly reason: string;
  /** A dead letter's own id. */
  readonly letterId?: string;
  readonly items: readonly Item[];
}

/** What became, or would become, of one event of a message. */
export type Fate =
  | Outcome
  /** Put into the dead-letter queue, since the processor would reject it. */
  | { readonly kind: 'moved'; readonly code: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle }
  /** The run ended before its turn came. */
  | { readonly kind: 'untouched' };

export interface Settled {
  readonly opened: Opened;
  readonly item: Item;
  readonly fate: Fate;
}

/** Whether nothing holds back the message any more. */
export const mayGo = (fate: Fate): boolean => fate.kind === 'moved' || fate.kind === 'ignored' || isDone(fate);

export interface CarryOut {
  readonly edges: Edges;
  readonly deadLetters: DeadLetters;
  readonly options: EngineOptions;
  /** Ends the work between two events; what is under way is finished. */
  readonly signal: AbortSignal;
  /** Waits for an event's turn. */
  readonly pace: () => Promise<void>;
  readonly onSettled: (settled: Settled) => void;
  /** Why something failed in the whole run so far; what fails here is added. */
  readonly failures: string[];
}

/** Keys at work side by side. */
const LANES = 8;
/** Failures of a run after which nothing more is begun: an endpoint that is down is not asked a thousand times. */
export const MOST_FAILURES = 3;
const LETTER_MS = 30_000;

/**
 * Redrives the events of messages: those of one key one after another, in the order in which they came into the stream. After one that
 * failed, the later ones of its key wait for another run.
 *
 * @returns what every item came to.
 */
export async function carryOut(opened: readonly Opened[], run: CarryOut): Promise<readonly Settled[]> {
  const entries = opened.flatMap((one) => one.items.map((item) => ({ opened: one, item }))).toSorted(byPosition);
  const lanes = [...Map.groupBy(entries, ({ item }) => laneOf(item)).values()];
  const settled: Settled[] = [];
  const { failures } = run;
  await eachLimit(lanes, LANES, async (lane) => {
    let hasFailed = false;
    for (const { opened: of, item } of lane) {
      const isOver = run.signal.aborted || hasFailed || failures.length >= MOST_FAILURES;
      const fate: Fate = isOver ? { kind: 'untouched' } : await settleOne(item, run);
      if (fate.kind === 'failed') {
        hasFailed = true;
        failures.push(fate.message);
      }
      const one = { opened: of, item, fate };
      settled.push(one);
      if (fate.kind !== 'untouched') run.onSettled(one);
    }
  });
  return settled;
}

interface Entry {
  readonly opened: Opened;
  readonly item: Item;
}

/** What has no place comes first: it is only reported. */
function byPosition({ item: { position: a } }: Entry, { item: { position: b } }: Entry): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareSequence(a.sequence, b.sequence) || a.index - b.index;
}

const laneOf = (item: Item): string => (item.kind === 'candidate' ? `key ${item.candidate.key}` : item.kind);

async function settleOne(item: Item, run: CarryOut): Promise<Fate> {
  if (item.kind === 'obstacle' || item.kind === 'ignored') return item;
  try {
    if (item.kind === 'letter') return await move(item, run);
    await run.pace();
    if (run.signal.aborted) return { kind: 'untouched' };
    return await redriveOne(item.candidate, run.edges, run.options);
  } catch (error) {
    // No endpoint is down, and no other run will find it mended by itself: the other rows go on.
    if (error instanceof UnreadableRow) {
      return { kind: 'obstacle', obstacle: { code: 'unreadable-row', message: error.message } };
    }
    return { kind: 'failed', message: whyNot(error) };
  }
}

async function move({ letter }: Extract<Item, { kind: 'letter' }>, { deadLetters, options }: CarryOut): Promise<Fate> {
  const moved = { kind: 'moved', code: letter.cause.code } as const;
  if (options.dryRun) return moved;
  const [trouble] = await deadLetters.put([letter], AbortSignal.timeout(LETTER_MS));
  return trouble === undefined ? moved : { kind: 'failed', message: trouble.message };
}
