import { list } from '../../../local/cli/redrive/list.ts';
import type { RedriveOptions } from '../../../local/cli/redrive/options.ts';
import { ParkedQueue } from '../../../local/cli/redrive/queue.ts';
import { eventJson } from '../../support/counter.ts';
import { captured } from '../cli/captured.ts';
import { QueueInMemory } from './parked.ts';
import { letterOf, letters } from './runs.ts';

const owner = { name: 'counter', functionName: 'counter-fn', streamName: 'the-stream' };

/** Lists two queues; Ctrl-C comes at that call of the first one. */
async function listing(
  memories: readonly [QueueInMemory, QueueInMemory],
  { reason = [], limit = 100_000 }: Partial<RedriveOptions> = {},
  interruptAt = 0,
) {
  const interrupt = new AbortController();
  let calls = 0;
  memories[0].onCall = () => {
    if (++calls === interruptAt) interrupt.abort();
  };
  const queues = memories.map((memory, nth) => ({
    name: nth === 0 ? 'dead-letters' : 'on-failure',
    queue: new ParkedQueue(memory.client, `queue-${nth}`, 'local', memory.now),
  }));
  return list(queues, owner, { reason, limit } as RedriveOptions, captured().output, interrupt.signal);
}

const misrouted = letterOf(eventJson({ id: 'm' }), { code: 'event.misrouted' });

test('messages are counted by reason, what is foreign by what it is, and all of them are given back', async () => {
  const dead = new QueueInMemory([...letters(25), misrouted, 'hello', letterOf(eventJson(), { processor: 'healthy' })]);
  const seen = await listing([dead, new QueueInMemory()]);
  expect(seen.groups.map(({ reason, what, messages }) => [reason, what, messages])).toEqual([
    ['event.reducer-threw', undefined, 25],
    ['event.misrouted', undefined, 1],
    ['not-of-this-system', 'neither a dead letter nor a discarded batch', 1],
    ['not-of-this-system', 'a dead letter of healthy', 1],
  ]);
  expect(seen).toMatchObject({ complete: true, hidden: 0, failures: [] });
  expect(dead.visible).toHaveLength(28);
});

test('of one reason alone are counted those that have it', async () => {
  const dead = new QueueInMemory([...letters(25), misrouted]);
  const { groups } = await listing([dead, new QueueInMemory()], { reason: ['event.misrouted'] });
  expect(groups.map(({ reason, messages }) => [reason, messages])).toEqual([['event.misrouted', 1]]);
});

test('a queue that cannot be read hides no other, and the listing is not the whole', async () => {
  const down = new QueueInMemory();
  down.failing = () => true;
  const seen = await listing([down, new QueueInMemory(['hello'])]);
  expect(seen.groups).toHaveLength(1);
  expect(seen.complete).toBe(false);
  expect(seen.failures).toEqual([expect.stringMatching(/queue-0 cannot be read: connect ECONNREFUSED/)]);
});

test('a listing that Ctrl-C or the limit has ended is not the whole, and gives back what it has seen', async () => {
  const dead = new QueueInMemory(letters(60));
  expect(await listing([dead, new QueueInMemory()], {}, 4)).toMatchObject({ complete: false });
  expect(dead.visible).toHaveLength(60);
  expect(await listing([dead, new QueueInMemory()], { limit: 7 })).toMatchObject({
    complete: false,
    groups: [{ messages: 7 }],
  });
  expect(dead.visible).toHaveLength(60);
});

test('what somebody else holds is counted apart', async () => {
  const dead = new QueueInMemory(letters(5));
  for (const message of dead.messages.slice(0, 2)) message.visibleAtMs = dead.nowMs + 60_000;
  expect(await listing([dead, new QueueInMemory()])).toMatchObject({ hidden: 2, groups: [{ messages: 3 }] });
});
