import type { Output } from '../output.ts';
import { type Owner, parseMessage, reasonOf } from './message.ts';
import type { RedriveOptions } from './options.ts';
import type { Held, ParkedQueue } from './queue.ts';
import type { Group, Listing } from './show.ts';
import { wavesOf } from './wave.ts';

/** Counts what lies in the queues, by reason. Messages are hidden while it looks, and visible again when it ends, however it ends. */
export async function list(
  queues: readonly { readonly name: string; readonly queue: ParkedQueue }[],
  owner: Owner,
  { limit, reason }: RedriveOptions,
  output: Output,
  signal: AbortSignal,
): Promise<Pick<Listing, 'groups' | 'hidden'>> {
  const groups = new Map<string, Group>();
  let hidden = 0;
  for (const { name, queue } of queues) {
    output.phase(`Looking at ${name}`);
    const held = new Map<string, Held>();
    const wants = ({ body }: Held): boolean => isWanted(reason, reasonOf(parseMessage(body, owner)));
    try {
      for await (const wave of wavesOf(queue, held, { limit, signal, wants })) {
        for (const message of wave) count(groups, name, message, owner);
        await queue.keep([...held.values()]);
      }
      hidden += Math.max(0, (await queue.hidden()) - held.size);
    } finally {
      await queue.release([...held.values()]);
    }
  }
  output.status('');
  const sorted = [...groups.values()].toSorted((a, b) => a.queue.localeCompare(b.queue) || b.messages - a.messages);
  return { groups: sorted, hidden };
}

export const isWanted = (reasons: readonly string[], reason: string): boolean =>
  reasons.length === 0 || reasons.includes(reason);

function count(groups: Map<string, Group>, queue: string, { body, sentMs }: Held, owner: Owner): void {
  const parked = parseMessage(body, owner);
  const reason = reasonOf(parked);
  const at = new Date(sentMs).toISOString();
  const group = groups.get(`${queue} ${reason}`) ?? { queue, reason, messages: 0, records: 0, oldest: at, newest: at };
  group.messages++;
  if (parked.kind === 'discard') group.records += parked.discard.batchSize;
  if (at < group.oldest) group.oldest = at;
  if (at > group.newest) group.newest = at;
  groups.set(`${queue} ${reason}`, group);
}
