import { awsDeadLetters } from '../../lambdas/aws/dead-letter-queue.ts';
import { rejection } from '../../lambdas/core/rejection.ts';
import { type DeadLetter, type DeadLetters, TransientError } from '../../lambdas/runtime/ports.ts';
import { type LocalAws, localAws } from '../support/aws.ts';
import { memoryDeadLetters } from '../support/memory/edges.ts';

let aws: LocalAws;
let made = 0;
beforeAll(async () => {
  aws = await localAws();
});
afterAll(() => aws.stop());

const signal = new AbortController().signal;

interface Kept {
  readonly id: string;
  readonly code: string;
  readonly payload: Uint8Array;
}

interface Subject {
  readonly deadLetters: DeadLetters;
  /** What is kept, whatever way it is kept. */
  kept(): Promise<readonly Kept[]>;
}

async function onAws(): Promise<
  Subject & { queueUrl: string; bucket: string; messages(): Promise<readonly Record<string, unknown>[]> }
> {
  const n = made++;
  const queueUrl = await aws.createQueue(`letters-${n}`);
  const bucket = await aws.createBucket(`letters-${n}`);
  const messages = (): Promise<readonly Record<string, unknown>[]> => aws.messages(queueUrl);
  return {
    queueUrl,
    bucket,
    messages,
    deadLetters: awsDeadLetters(aws.sendBatch, queueUrl, bucket, aws.putObjectInto(bucket)),
    kept: async () =>
      Promise.all(
        (await messages()).map(async ({ id, code, payload, payloadIn }) => ({
          id: String(id),
          code: String(code),
          payload:
            payloadIn === undefined
              ? Buffer.from(String(payload), 'base64')
              : Buffer.from(await aws.getObject(bucket, (payloadIn as { key: string }).key)),
        })),
      ),
  };
}

const letter = (id: string, payload: Uint8Array): DeadLetter => ({
  id,
  processor: 'counter',
  cause: rejection('event.invalid-data', 'no good', { issues: ['data.quantity: too small'] }),
  position: { stream: 'shop', shard: 'shardId-000000000001', sequence: '77', index: 3 },
  arrivalMs: Date.UTC(2026, 0, 1),
  partitionKey: 'user-1',
  payload,
});

describe.each<{ adapter: string; create: () => Promise<Subject> }>([
  {
    adapter: 'in memory',
    create: async () => {
      const deadLetters = memoryDeadLetters();
      const kept = async () =>
        deadLetters.letters.map(({ id, cause, payload }) => ({ id, code: cause.code, payload: Buffer.from(payload) }));
      return { deadLetters, kept };
    },
  },
  { adapter: 'on SQS and S3', create: onAws },
])('dead letters $adapter', ({ create }) => {
  test.each([
    ['no bytes', 0],
    ['a few bytes', 100],
    ['more than one message holds', 300 * 1024],
    ['a whole record', 1024 * 1024],
  ])('keep a payload of %s bit by bit, with its typed reason', async (_, size) => {
    const { deadLetters, kept } = await create();
    const payload = Buffer.alloc(
      size,
      Uint8Array.from({ length: 256 }, (__, n) => n),
    );
    expect(await deadLetters.put([letter('a', payload)], signal)).toEqual([undefined]);
    const [only, ...others] = await kept();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ id: 'a', code: 'event.invalid-data' });
    expect(Buffer.compare(only?.payload ?? Buffer.alloc(1), payload)).toBe(0);
  });

  test('keep many at once, large and small, and answer for each', async () => {
    const { deadLetters, kept } = await create();
    const letters = Array.from({ length: 57 }, (_, n) =>
      letter(`l${n}`, Buffer.alloc(n % 10 === 0 ? 280_000 : 60_000, n)),
    );
    expect(await deadLetters.put(letters, signal)).toEqual(letters.map(() => undefined));
    expect((await kept()).map(({ id }) => id).toSorted()).toEqual(letters.map(({ id }) => id).toSorted());
  });

  test('have nothing to do without letters', async () => {
    expect(await (await create()).deadLetters.put([], signal)).toEqual([]);
  });
});

describe('dead letters on SQS', () => {
  test('tell people and redrive where the record stood', async () => {
    const { deadLetters, messages } = await onAws();
    await deadLetters.put([letter('a', Buffer.from('x'))], signal);
    expect(await messages()).toEqual([
      {
        id: 'a',
        processor: 'counter',
        code: 'event.invalid-data',
        message: 'no good',
        details: { issues: ['data.quantity: too small'] },
        stream: 'shop',
        shard: 'shardId-000000000001',
        sequence: '77',
        index: 3,
        arrival: '2026-01-01T00:00:00.000Z',
        partitionKey: 'user-1',
        payload: 'eA==',
      },
    ]);
  });

  test('point to S3 for a payload that no message holds', async () => {
    const { deadLetters, messages, bucket } = await onAws();
    await deadLetters.put([letter('big', Buffer.alloc(400_000))], signal);
    const [message] = await messages();
    expect(message).toMatchObject({ payloadIn: { bucket, key: 'dead-letters/counter/big' } });
    expect(message).not.toHaveProperty('payload');
  });

  test('send no pointer to a payload that S3 did not take, and say so of that letter alone', async () => {
    const { queueUrl, messages } = await onAws();
    const slow = Object.assign(new Error('Please reduce your request rate'), { name: 'SlowDown' });
    const deadLetters = awsDeadLetters(aws.sendBatch, queueUrl, 'bucket', () => Promise.reject(slow));
    const results = await deadLetters.put(
      [letter('big', Buffer.alloc(400_000)), letter('small', Buffer.from('x'))],
      signal,
    );
    expect(results[0]).toBeInstanceOf(TransientError);
    expect(results[0]).toMatchObject({ code: 'dead-letters.throttled' });
    expect(results[1]).toBeUndefined();
    expect((await messages()).map(({ id }) => id)).toEqual(['small']);
  });

  test('pass on that the queue is not there', async () => {
    const deadLetters = awsDeadLetters(
      aws.sendBatch,
      'http://127.0.0.1/000000000000/none',
      'bucket',
      aws.putObjectInto('bucket'),
    );
    await expect(deadLetters.put([letter('a', Buffer.from('x'))], signal)).rejects.toThrow();
  });
});
