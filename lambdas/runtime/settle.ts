import type { Row } from '../core/row.ts';
import { attempt } from './attempt.ts';
import type { Context } from './context.ts';
import { again, block, type Lane, stop } from './lane.ts';
import { deliver, effectsOf } from './outbox.ts';
import { type AddressedEffect, TransientError } from './ports.ts';

/** A lane with the row that it was read with. */
export interface Read {
  readonly lane: Lane;
  readonly row: Row | undefined;
}

/**
 * Settles the past: a row whose outbox no checkpoint proves to be sent has it sent again before anything else happens to it. That takes a
 * consistently read row, since the outbox of an older version must not follow that of a newer one. Returns the reads that may be folded.
 */
export async function settle(context: Context, reads: readonly Read[]): Promise<readonly Read[]> {
  const open = new Set(reads.filter(({ lane, row }) => needsProof(context, lane, row)));
  if (open.size === 0) return reads;
  const proven = await provenTokens(context, [...open]);
  const unproven: Read[] = [];
  for (const read of open) {
    if (proven instanceof TransientError) block(read.lane, proven);
    else if (read.row !== undefined && !proven.has(read.row.token)) {
      if (read.lane.consistent) unproven.push(read);
      else again(read.lane);
    }
  }
  const resent = await resend(context, unproven);
  return reads.filter((read) => {
    if (!open.has(read)) return true;
    if (proven instanceof TransientError) return false;
    return (read.row !== undefined && proven.has(read.row.token)) || resent.has(read.lane);
  });
}

const needsProof = (context: Context, lane: Lane, row: Row | undefined): boolean =>
  row?.outbox !== undefined &&
  row.token !== context.token &&
  lane.settled !== identity(row) &&
  !context.knownCheckpoints.has(row.token);

const identity = (row: Row): string => `${row.epoch}/${row.version}`;

async function provenTokens(context: Context, open: readonly Read[]): Promise<ReadonlySet<string> | TransientError> {
  const tokens = [...new Set(open.flatMap(({ row }) => (row === undefined ? [] : [row.token])))];
  const found = await attempt(context.signal, () => context.ports.checkpoints.existing(tokens, context.signal));
  if (!(found instanceof TransientError)) for (const token of found) context.knownCheckpoints.add(token);
  return found;
}

async function resend(context: Context, reads: readonly Read[]): Promise<ReadonlySet<Lane>> {
  const rows: { lane: Lane; row: Row; effects: readonly AddressedEffect[] }[] = [];
  for (const { lane, row } of reads) {
    if (row === undefined) continue;
    const effects = pureEffectsOf(context, lane, row);
    if (effects !== undefined) rows.push({ lane, row, effects });
  }
  const { sink, deadLetters } = context.ports;
  const deliveries = await deliver(
    rows.map(({ effects }) => effects),
    sink,
    deadLetters,
    context.signal,
  );
  const done = new Set<Lane>();
  rows.forEach(({ lane, row }, nth) => {
    const delivery = deliveries[nth];
    if (delivery === undefined) return;
    context.tally.add('effectsResent', delivery.accepted.length);
    if (delivery.trouble !== undefined) {
      block(lane, delivery.trouble);
      return;
    }
    lane.settled = identity(row);
    done.add(lane);
  });
  return done;
}

/** The effects of a row, or undefined if this code cannot tell them: then the lane waits for a deployment that can. */
export function pureEffectsOf(context: Context, lane: Lane, row: Row): readonly AddressedEffect[] | undefined {
  try {
    return effectsOf(context.processor, row);
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'an unknown value';
    stop(
      lane,
      new TransientError('effects.threw', `The effects of the committed row could not be computed: ${name}`, { cause }),
    );
    return undefined;
  }
}
