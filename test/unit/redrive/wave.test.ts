import { type Held, ParkedQueue } from '../../../local/cli/redrive/queue.ts';
import { type WaveOptions, wavesOf } from '../../../local/cli/redrive/wave.ts';
import { QueueInMemory } from './parked.ts';

const numbered = (count: number): QueueInMemory => new QueueInMemory(Array.from({ length: count }, (_, n) => `${n}`));

async function take(memory: QueueInMemory, options: Partial<WaveOptions> = {}) {
  const queue = new ParkedQueue(memory.client, 'url', 'local', memory.now);
  const waves: string[][] = [];
  const { signal } = new AbortController();
  const all = { limit: 100_000, signal, wants: (_: Held) => true, ...options };
  for await (const wave of wavesOf(queue, all)) waves.push(wave.map(({ body }) => body));
  return { waves, queue };
}

test('every message comes once', async () => {
  const { waves, queue } = await take(numbered(1_203));
  expect(waves.length).toBeGreaterThan(1);
  expect(new Set(waves.flat()).size).toBe(1_203);
  expect(waves.flat()).toHaveLength(1_203);
  expect(queue.held).toBe(1_203);
});

test('a message that SQS delivers twice ends nothing, and comes once', async () => {
  const memory = numbered(540);
  // At the beginning of a wave.
  memory.failing = (kind, nth) => {
    memory.repeating = kind === 'Receive' && nth === 50;
    return false;
  };
  const { waves } = await take(memory);
  expect(waves.flat()).toHaveLength(540);
  expect(new Set(waves.flat()).size).toBe(540);
});

test('what is held stays hidden while many messages are looked through, wanted or not', async () => {
  const memory = numbered(600);
  memory.receiveMs = 20_000;
  const { waves, queue } = await take(memory, { wants: ({ body }) => Number(body) >= 590 });
  expect(waves.flat()).toHaveLength(10);
  expect(Math.max(...memory.messages.map(({ receives }) => receives))).toBe(1);
  expect(queue.held).toBe(600);
});

test('no more come than the limit says, and those that are received beyond are held, to be given back', async () => {
  const memory = numbered(50);
  const { waves, queue } = await take(memory, { limit: 12 });
  expect(waves.flat()).toHaveLength(12);
  expect(queue.held).toBe(20);
  await queue.release();
  expect(memory.visible).toHaveLength(50);
});

test('a wave ends before it takes too much memory', async () => {
  const { waves } = await take(numbered(100), { weigh: () => 8 * 1024 * 1024 });
  expect(waves[0]).toHaveLength(10);
  expect(waves.flat()).toHaveLength(100);
});

test('what is not wanted counts for nothing', async () => {
  const { waves } = await take(numbered(40), { limit: 5, wants: ({ body }) => Number(body) >= 30 });
  expect(waves.flat()).toEqual(['30', '31', '32', '33', '34']);
});
