import { parseMessage, reasonOf } from '../../../local/cli/redrive/message.ts';
import { weightOf } from '../../../local/cli/redrive/open.ts';

const owner = { name: 'counter', functionName: 'counter-fn', streamName: 'the-stream' };
const letter = { id: 'l', processor: 'counter', code: 'record.empty', message: 'empty', payload: '' };
const discard = (functionArn: string, streamArn: string, lastArrival = '2026-11-01T11:00:00.000Z'): object => ({
  requestContext: { requestId: 'r', functionArn, condition: 'RecordAgeExceeded', approximateInvokeCount: 1 },
  version: '1.0',
  timestamp: '2026-11-01T12:00:00.000Z',
  KinesisBatchInfo: {
    shardId: 'shardId-000000000001',
    startSequenceNumber: '1',
    endSequenceNumber: '2',
    approximateArrivalOfFirstRecord: '2026-11-01T11:00:00.000Z',
    approximateArrivalOfLastRecord: lastArrival,
    batchSize: 2,
    streamArn,
  },
});
const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:counter-fn';
const STREAM = 'arn:aws:kinesis:eu-central-1:123456789012:stream/the-stream';

test('a dead letter and a discarded batch of the system are known, by a version of its function as well', () => {
  expect(parseMessage(JSON.stringify(letter), owner)).toMatchObject({ kind: 'letter', letter: { id: 'l' } });
  const parked = parseMessage(JSON.stringify(discard(`${FUNCTION}:7`, STREAM)), owner);
  expect(parked).toMatchObject({ kind: 'discard', discard: { start: '1', end: '2', batchSize: 2 } });
  expect(reasonOf(parked)).toBe('RecordAgeExceeded');
});

test.each<[string, string, number]>([
  ['at once', '2026-11-01T11:00:00.000Z', 8],
  ['over two minutes', '2026-11-01T11:02:00.000Z', 128],
  ['at times that cannot be read', 'yesterday', 8],
])('a batch that arrived %s takes the memory of what its shard took in that time', (_, lastArrival, mebibytes) => {
  const parked = parseMessage(JSON.stringify(discard(FUNCTION, STREAM, lastArrival)), owner);
  expect(weightOf(parked)).toBe(mebibytes * 1024 * 1024);
});

test.each<[string, string]>([
  ['no JSON', 'hello'],
  ['JSON of another kind', '{"Records":[]}'],
  ['a letter with a code that does not exist', JSON.stringify({ ...letter, code: 'made.up' })],
  ['a letter of another processor', JSON.stringify({ ...letter, processor: 'healthy' })],
  ['a batch of another function', JSON.stringify(discard(FUNCTION.replace('counter-fn', 'healthy-fn'), STREAM))],
  ['a batch of another stream', JSON.stringify(discard(FUNCTION, STREAM.replace('the-stream', 'the-old-stream')))],
])('%s is not the system’s', (_, body) => {
  const parked = parseMessage(body, owner);
  expect(parked.kind).toBe('foreign');
  expect(reasonOf(parked)).toBe('not-of-this-system');
});
