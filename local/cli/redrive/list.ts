import { plural } from '../format.ts';
import type { Output } from '../output.ts';
import { type Owner, parseMessage, reasonOf } from './message.ts';
import type { RedriveOptions } from './options.ts';
import { type Held, type ParkedQueue, whileHolding } from './queue.ts';
import type { Group, Listing } from './show.ts';
import { wavesOf } from './wave.ts';

/** Counts what lies in the queues, by reason; a queue that cannot be read is a failure. Messages are hidden while it looks, and visible again when it ends, however it ends. */
export async function list(
  queues: readonly { readonly name: string; readonly queue: ParkedQueue }[],
  owner: Owner,
  { limit, reason }: RedriveOptions,
  output: Output,
  signal: AbortSignal,
): Promise<Omit<Listing, 'system' | 'stage'>> {
  const groups = new Map<string, Group>();
  const failures: string[] = [];
  let hidden = 0;
  let complete = true;
  for (const { name, queue } of queues) {
    output.phase(`Looking at ${name}`);
    const wants = ({ body }: Held): boolean => isWanted(reason, reasonOf(parseMessage(body, owner)));
    await whileHolding(queue, failures, async () => {
      hidden += await queue.hiddenByOthers();
      let seen = 0;
      for await (const wave of wavesOf(queue, { limit, signal, wants })) {
        seen += wave.length;
        for (const message of wave) count(groups, name, message, owner);
        output.status(`${plural(queue.held, 'message')} of ${name} seen`);
      }
      complete &&= seen < limit && !signal.aborted;
    });
  }
  output.status('');
  const sorted = [...groups.values()].toSorted((a, b) => a.queue.localeCompare(b.queue) || b.messages - a.messages);
  return { groups: sorted, hidden, complete: complete && failures.length === 0, failures };
}

export const isWanted = (reasons: readonly string[], reason: string): boolean =>
  reasons.length === 0 || reasons.includes(reason);

function count(groups: Map<string, Group>, queue: string, { body, sentMs }: Held, owner: Owner): void {
  const parked = parseMessage(body, owner);
  const reason = reasonOf(parked);
  const what = parked.kind === 'foreign' ? { what: parked.why } : {};
  const at = new Date(sentMs).toISOString();
  const id = JSON.stringify([queue, reason, what]);
  const group = groups.get(id) ?? { queue, reason, ...what, messages: 0, records: 0, oldest: at, newest: at };
  group.messages++;
  if (parked.kind === 'discard') group.records += parked.discard.batchSize;
  if (at < group.oldest) group.oldest = at;
  if (at > group.newest) group.newest = at;
  groups.set(id, group);
}
