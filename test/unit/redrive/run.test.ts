import { InvalidArgumentException } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import type { RedriveMark } from '../../../lambdas/core/redrive.ts';
import { eventJson } from '../../support/counter.ts';
import { QueueInMemory } from './parked.ts';
import { letterOf, letters, runOver } from './runs.ts';

const notPut = { kind: 'not-put', message: 'connect ECONNREFUSED' } as const;

test('what is done is removed, and everything else is given back', async () => {
  const queue = new QueueInMemory([...letters(20), letterOf(eventJson({ id: 'bad', data: { throws: 7 } })), 'hello']);
  const { summary, put } = await runOver([queue]);
  expect(new Set(put).size).toBe(20);
  expect(summary.messages).toEqual({ read: 21, removed: 20, left: 1, foreign: 1, hidden: 0 });
  expect(summary.left).toEqual({ 'rejected-again': 1 });
  expect(summary.complete).toBe(true);
  expect(queue.visible).toHaveLength(2);
});

describe('what fails', () => {
  test('is left, and what does not fail goes on', async () => {
    const queue = new QueueInMemory(letters(1_200));
    const { summary, put } = await runOver([queue], { put: (id) => (id === 'e3' ? notPut : acknowledged) });
    expect(put).toHaveLength(1_199);
    expect(summary.messages).toMatchObject({ removed: 1_199, left: 1 });
    expect(summary.failures).toEqual(['connect ECONNREFUSED']);
    expect(queue.visible).toHaveLength(1);
  });

  test('three times ends the run, in all queues', async () => {
    const queues = [new QueueInMemory(letters(700)), new QueueInMemory(letters(700))];
    let asked = 0;
    const { summary } = await runOver(queues, {
      put: () => {
        asked++;
        return notPut;
      },
    });
    // Eight are at work at a time.
    expect(asked).toBeLessThan(3 + 8);
    expect(summary.messages).toMatchObject({ read: 500, removed: 0, left: 500 });
    expect(queues.map(({ visible }) => visible.length)).toEqual([700, 700]);
    expect(queues[1]?.calls).toEqual([]);
  });

  test('three times while payloads are fetched asks for no more of them', async () => {
    const payloadIn = { bucket: 'the-bucket', key: 'dead-letters/x' };
    const apart = letters(30).map((letter) => ({ ...letter, payload: undefined, payloadIn }));
    let asked = 0;
    const s3 = {
      send: async () => {
        asked++;
        throw new Error('socket hang up');
      },
    };
    const { summary } = await runOver([new QueueInMemory(apart)], { s3 });
    expect(asked).toBe(3);
    expect(summary.failures).toHaveLength(3);
  });

  test('since a row is damaged is no failure of the run: however many there are, the others go', async () => {
    const { summary, put } = await runOver([new QueueInMemory(letters(40))], {
      damaged: Array.from({ length: 10 }, (_, n) => `k${n}`),
    });
    expect(put).toHaveLength(30);
    expect(summary.left).toEqual({ 'unreadable-row': 10 });
    expect(summary.failures).toEqual([]);
  });

  test('in the queue itself tells what was done before', async () => {
    const queue = new QueueInMemory(letters(700));
    queue.failing = (kind, nth) => kind === 'Receive' && nth > 55;
    const { summary } = await runOver([queue]);
    expect(summary.messages).toMatchObject({ read: 500, removed: 500 });
    expect(summary.failures).toEqual([
      expect.stringMatching(/the-queue cannot be read: connect ECONNREFUSED. Nothing is lost/),
    ]);
    expect(queue.visible).toHaveLength(200);
  });

  test('on several addresses says so in words', async () => {
    const queue = new QueueInMemory(letters(1));
    const refused = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ]);
    const { summary } = await runOver([queue], {
      put: () => {
        throw refused;
      },
    });
    expect(summary.failures).toEqual(['connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1']);
  });
});

test('Ctrl-C ends the run between two events, and gives back what it has not done', async () => {
  const queue = new QueueInMemory(letters(600));
  const { summary, put } = await runOver([queue], { interruptAfter: 100 });
  expect(put.length).toBeGreaterThanOrEqual(100);
  expect(put.length).toBeLessThan(100 + 8);
  expect(summary.messages.removed).toBe(put.length);
  expect(summary.complete).toBe(false);
  expect(queue.visible).toHaveLength(600 - put.length);
});

test('Ctrl-C sends nothing more that waits for its turn', async () => {
  const { put } = await runOver([new QueueInMemory(letters(20))], { options: { rate: 1 }, interruptAfter: 1 });
  expect(put).toEqual(['e0']);
});

test('events of a key go in the order of the stream, and wait for another run after one that failed', async () => {
  const inOrder = (sequence: number): object =>
    letterOf(eventJson({ id: `s${sequence}`, key: 'k' }), { sequence: `${sequence}` });
  const queue = (): QueueInMemory => new QueueInMemory([30, 9, 100, 10].map(inOrder));
  expect((await runOver([queue()])).put).toEqual(['s9', 's10', 's30', 's100']);
  const { put, summary } = await runOver([queue()], { put: (id) => (id === 's10' ? notPut : acknowledged) });
  expect(put).toEqual(['s9']);
  expect(summary.messages).toMatchObject({ removed: 1, left: 3 });
});

test('what somebody else holds is counted, and neither touched nor taken for nothing', async () => {
  const queue = new QueueInMemory(letters(30));
  for (const message of queue.messages.slice(0, 12)) message.visibleAtMs = queue.nowMs + 60_000;
  const { summary, put } = await runOver([queue]);
  expect(put).toHaveLength(18);
  expect(summary.messages).toMatchObject({ removed: 18, hidden: 12 });
  expect(queue.messages).toHaveLength(12);
});

test('whenever Ctrl-C comes, nothing is lost, and the run that goes on sends nothing twice', async () => {
  const count = 30;
  const { requests } = await runOver([new QueueInMemory(letters(count))]);
  expect(requests).toBeGreaterThan(4 * count);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: requests }), async (interruptAt) => {
      const queue = new QueueInMemory(letters(count));
      const marks = new Map<string, RedriveMark>();
      const first = await runOver([queue], { interruptAt, marks });
      expect(queue.visible).toHaveLength(queue.messages.length);
      expect(first.summary.messages.removed + queue.messages.length).toBe(count);
      const { put } = await runOver([queue], { marks });
      expect([...first.put, ...put].toSorted()).toEqual(Array.from({ length: count }, (_, n) => `e${n}`).toSorted());
      expect(queue.messages).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a message that could not be removed after its event was sent is removed by the next run, which sends nothing', async () => {
  const queue = new QueueInMemory(letters(3));
  const marks = new Map<string, RedriveMark>();
  queue.failing = (kind) => kind === 'Delete';
  const first = await runOver([queue], { marks });
  expect(first.put).toHaveLength(3);
  expect(first.summary.messages).toMatchObject({ removed: 0, left: 3 });
  queue.failing = () => false;
  const { summary, put } = await runOver([queue], { marks });
  expect(put).toEqual([]);
  expect(summary).toMatchObject({ messages: { removed: 3 }, events: { inStream: 3 } });
});

describe('a queue that is not the system’s own', () => {
  const kinesisOf = (knows: string) => ({
    send: async (command: object) => {
      const { StartingSequenceNumber = '' } = (command as { input: { StartingSequenceNumber?: string } }).input;
      if (StartingSequenceNumber.startsWith(knows)) return { ShardIterator: 'x' };
      throw new InvalidArgumentException({ message: 'it did not come from this stream', $metadata: {} });
    },
  });

  test('of another stage is left alone, though its processor has the same name', async () => {
    const queue = new QueueInMemory(letters(5));
    const { summary, put } = await runOver([queue], { isOwn: false, kinesis: kinesisOf('7') });
    expect(put).toEqual([]);
    expect(summary.left).toEqual({ 'other-stream': 5 });
    expect(queue.visible).toHaveLength(5);
  });

  test('is redriven if its letters are of the stage’s stream', async () => {
    const { put } = await runOver([new QueueInMemory(letters(5))], { isOwn: false, kinesis: kinesisOf('4') });
    expect(put).toHaveLength(5);
  });
});

test('messages that are not of the system are told apart', async () => {
  const queue = new QueueInMemory(['hello', '{}', letterOf(eventJson(), { processor: 'healthy' })]);
  const { summary } = await runOver([queue]);
  expect(summary.foreign).toEqual({
    'neither a dead letter nor a discarded batch': 2,
    'a dead letter of healthy': 1,
  });
});

const acknowledged = { kind: 'acknowledged', shard: 's', sequence: '99' } as const;
