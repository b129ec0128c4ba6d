import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Held, ParkedQueue } from '../../../local/cli/redrive/queue.ts';
import { wavesOf } from '../../../local/cli/redrive/wave.ts';

/** A queue that hands out its messages a few at a time, as SQS does, and all of them again at the end. */
function queueOf(count: number, perCall: number): ParkedQueue {
  let given = 0;
  const send = async () => {
    const from = given % count;
    given += perCall;
    const Messages = Array.from({ length: Math.min(perCall, count - from) }, (_, nth) => ({
      MessageId: `m${from + nth}`,
      Body: `${from + nth}`,
      ReceiptHandle: `r${given}-${nth}`,
    }));
    return { Messages };
  };
  return new ParkedQueue({ send } as unknown as SQSClient, 'url', 'local', () => 0);
}

async function take(queue: ParkedQueue, limit: number, wants = (_: Held): boolean => true) {
  const held = new Map<string, Held>();
  const waves: string[][] = [];
  const { signal } = new AbortController();
  for await (const wave of wavesOf(queue, held, { limit, signal, wants })) waves.push(wave.map(({ body }) => body));
  return { waves, held };
}

test('every message comes once, however few a call brings and however often they come', async () => {
  const { waves, held } = await take(queueOf(1_203, 7), 100_000);
  expect(waves.length).toBeGreaterThan(1);
  expect(new Set(waves.flat()).size).toBe(1_203);
  expect(waves.flat()).toHaveLength(1_203);
  expect(held.size).toBe(1_203);
});

test('no more come than the limit says, and those that are received beyond are known, to be given back', async () => {
  const { waves, held } = await take(queueOf(50, 10), 12);
  expect(waves.flat()).toHaveLength(12);
  expect(held.size).toBe(20);
});

test('a wave ends before it takes too much memory', async () => {
  const held = new Map<string, Held>();
  const { signal } = new AbortController();
  const weigh = (): number => 8 * 1024 * 1024;
  const waves: number[] = [];
  for await (const wave of wavesOf(queueOf(100, 4), held, { limit: 1_000, signal, wants: () => true, weigh })) {
    waves.push(wave.length);
  }
  expect(waves[0]).toBe(8);
  expect(waves.reduce((sum, size) => sum + size, 0)).toBe(100);
});

test('what is not wanted counts for nothing', async () => {
  const { waves } = await take(queueOf(40, 10), 5, ({ body }) => Number(body) >= 30);
  expect(waves.flat()).toEqual(['30', '31', '32', '33', '34']);
});
