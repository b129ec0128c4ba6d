import { type PutRecords, RecordError, type StreamRecord } from '../../../lambdas/producer/index.ts';
import type { Candidate } from '../../../local/cli/redrive/engine.ts';
import { putOne } from '../../../local/cli/redrive/put.ts';
import { eventJson } from '../../support/counter.ts';

const event = eventJson({ id: 'e7' }) as Candidate['event'];
const candidate = { event, partitionKey: 'k' } as Candidate;
const DELIVERED = { shardId: 's', sequenceNumber: '9' };

/** A stream that answers as told, call by call. */
function stream(...answers: readonly (() => readonly (typeof DELIVERED | RecordError)[])[]) {
  const calls: (readonly StreamRecord[])[] = [];
  const put: PutRecords = async (records) => {
    calls.push(records);
    return (answers[calls.length - 1] ?? (() => [DELIVERED]))();
  };
  return { put, calls };
}
const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};
const putInto = (put: PutRecords, now = () => 0) => putOne(put, candidate, 1_000_000, now);

test('the record is the event, under its partition key', async () => {
  const { put, calls } = stream();
  expect(await putInto(put)).toEqual({ kind: 'acknowledged', shard: 's', sequence: '9' });
  expect(calls[0]?.map(({ partitionKey, data }) => [partitionKey, JSON.parse(String(data))])).toEqual([['k', event]]);
});

test('a throttled record is tried again, since it is certainly not in the stream', async () => {
  const throttled = () => [new RecordError('ProvisionedThroughputExceededException', 'slow down')];
  const { put, calls } = stream(throttled, throttled);
  expect(await putInto(put)).toMatchObject({ kind: 'acknowledged' });
  expect(calls).toHaveLength(3);
});

test('a request without an answer is in doubt, and is not tried again', async () => {
  const { put, calls } = stream(failing('ECONNRESET'));
  expect(await putInto(put)).toMatchObject({ kind: 'in-doubt' });
  expect(calls).toHaveLength(1);
});

test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])(
  'a request that reached nobody (%s) is not in doubt',
  async (code) => {
    const { put } = stream(failing(code));
    expect(await putInto(put)).toEqual({ kind: 'not-put', message: expect.stringContaining(code) });
  },
);

test.each<[string, Error]>([
  [
    'a host that nobody answers for',
    Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' }),
  ],
  [
    'several addresses',
    new AggregateError(
      ['ENETUNREACH', 'ETIMEDOUT'].map((code) => Object.assign(new Error(code), { code, syscall: 'connect' })),
    ),
  ],
  [
    'a connection that took too long',
    Object.assign(new Error('the request socket did not establish a connection with the server within 5000 ms.'), {
      name: 'TimeoutError',
    }),
  ],
])('a request that got no connection, to %s, is not in doubt', async (_, error) => {
  const { put } = stream(() => {
    throw error;
  });
  expect(await putInto(put)).toEqual({ kind: 'not-put', message: expect.stringMatching(/TIMEDOUT|a connection/) });
});

test.each<[string, Error]>([
  [
    'a connection that breaks when it is used',
    Object.assign(new Error('read'), { code: 'ETIMEDOUT', syscall: 'read' }),
  ],
  ['an error that nobody knows', new Error('hm')],
  ['errors that nobody knows', new AggregateError([new Error('hm')])],
  [
    'an answer that cannot be read, though the stream took the record',
    Object.assign(new SyntaxError('Unexpected end of JSON input'), { $metadata: { httpStatusCode: 200 } }),
  ],
])('%s leaves doubt', async (_, error) => {
  const { put } = stream(() => {
    throw error;
  });
  expect(await putInto(put)).toMatchObject({ kind: 'in-doubt' });
});

test('a call that the service itself refuses has put nothing', async () => {
  const { put } = stream(() => {
    throw Object.assign(new Error('no such stream'), {
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 400 },
    });
  });
  expect(await putInto(put)).toEqual({ kind: 'not-put', message: expect.stringContaining('no such stream') });
});

test('a record that fails inside the service is in doubt', async () => {
  const { put } = stream(() => [new RecordError('InternalFailure', 'sorry')]);
  expect(await putInto(put)).toMatchObject({ kind: 'in-doubt' });
});

test('nothing is put once the claim is over', async () => {
  const { put, calls } = stream();
  expect(await putInto(put, () => 1_000_001)).toMatchObject({ kind: 'not-put' });
  expect(calls).toEqual([]);
});
