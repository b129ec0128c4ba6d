import { onFailureObjectKey } from '../../../local/esm/on-failure.ts';
import type { OnFailureDocument } from '../../../local/esm/protocol.ts';
import { QUEUE_ARN, returned, SETTINGS, START_MS, threw, VirtualEsm } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';
const failing = (onFailureArn: string, functionArn = SETTINGS.functionArn) => {
  const esm = new VirtualEsm({
    settings: { maximumRetryAttempts: 0, onFailureArn, functionArn },
    handler: ({ keys }) => (keys.includes('bad') ? { result: threw(), takesMs: 250 } : returned()),
  });
  esm.stream.put(SHARD, 'bad', esm.nowMs, { sequenceNumber: '7', arrivalMs: START_MS - 1_500, data: 'one' });
  esm.stream.put(SHARD, 'bad', esm.nowMs, { sequenceNumber: '11', arrivalMs: START_MS - 20, data: 'two' });
  return esm.runUntilDrained();
};

describe('the on-failure document', () => {
  test('has Lambda’s shape, with metadata only for a queue', () => {
    const [document] = failing(QUEUE_ARN).documents;
    expect(document).toEqual({
      requestContext: {
        requestId: expect.stringMatching(/^request-\d+$/),
        functionArn: SETTINGS.functionArn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: '2026-11-01T00:00:00.250Z',
      KinesisBatchInfo: {
        shardId: SHARD,
        startSequenceNumber: '7',
        endSequenceNumber: '11',
        approximateArrivalOfFirstRecord: '2026-10-31T23:59:58.500Z',
        approximateArrivalOfLastRecord: '2026-10-31T23:59:59.980Z',
        batchSize: 2,
        streamArn: SETTINGS.streamArn,
      },
    });
  });

  test('a topic gets what a queue gets', () => {
    expect(failing('arn:aws:sns:eu-west-1:111111111111:discarded').documents[0]).not.toHaveProperty('payload');
  });

  test('a bucket also gets the invoke event with its records, as escaped JSON', () => {
    const esm = failing('arn:aws:s3:::discarded');
    const payload = JSON.parse(esm.documents[0]?.payload ?? '');
    expect(payload.Records.map(({ kinesis }: { kinesis: { data: string } }) => atob(kinesis.data))).toEqual([
      'one',
      'two',
    ]);
    expect(payload.Records[0].eventID).toBe(`${SHARD}:7`);
  });

  test('names the version that a qualified function ran', () => {
    expect(failing(QUEUE_ARN, `${SETTINGS.functionArn}:42`).documents).toMatchObject([
      { responseContext: { executedVersion: '42' } },
    ]);
  });

  test('has a key for S3 as Lambda names its objects', () => {
    const [document] = failing('arn:aws:s3:::discarded').documents as [OnFailureDocument];
    expect(onFailureObjectKey('the-uuid', document, 'random')).toBe(
      'aws/lambda/the-uuid/shardId-000000000000/2026/11/01/2026-11-01T00.00.00-random',
    );
  });
});

describe('delivery to the on-failure destination', () => {
  test('one that fails is tried again with the same document, and the lane waits for it', () => {
    const offered: OnFailureDocument[] = [];
    const esm = new VirtualEsm({
      settings: { batchSize: 1, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
      handler: ({ keys }) => (keys.includes('bad') ? threw() : returned()),
      accept: (document) => offered.push(document) === 4,
    });
    esm.put(SHARD, 'bad', 'next');
    esm.runUntil(() => offered.length === 3);
    expect(esm.engine.status()).toMatchObject([{ buffered: 2, inFlight: 0 }]);
    expect(esm.engine.checkpoints()).toMatchObject([{ position: { kind: 'TRIM_HORIZON' } }]);
    esm.runUntilDrained();
    expect(offered).toHaveLength(4);
    expect(new Set(offered).size).toBe(1);
    expect(esm.invocations.map(({ keys }) => keys[0])).toEqual(['bad', 'next']);
    expect(esm.total('OnFailureDestinationDeliveredEventCount')).toBe(1);
  });

  test('a delivery under way is not drained', () => {
    const esm = new VirtualEsm({
      settings: { maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
      handler: () => threw(),
      accept: () => 'hold',
    });
    esm.put(SHARD, 'bad');
    esm.runFor(600_000);
    expect(esm.engine.isDrained()).toBe(false);
  });

  test('without a destination, records given up are counted as dropped and the lane goes on', () => {
    const esm = new VirtualEsm({
      settings: { batchSize: 2, maximumRetryAttempts: 0 },
      handler: ({ keys }) => (keys.includes('bad') ? threw() : returned()),
    });
    esm.put(SHARD, 'bad', 'bad', 'next');
    esm.runUntilDrained();
    expect(esm.total('DroppedEventCount')).toBe(2);
    expect(esm.total('OnFailureDestinationDeliveredEventCount')).toBe(0);
    expect(esm.invocations.map(({ keys }) => keys[0])).toEqual(['bad', 'next']);
  });

  test('what is delivered does not count as dropped', () => {
    expect(failing(QUEUE_ARN).total('DroppedEventCount')).toBe(0);
  });
});
