import { ProvisionedThroughputExceededException } from '@aws-sdk/client-kinesis';
import { kinesisSource } from '../../../local/esm/kinesis-source.ts';
import { Poller } from '../../../local/esm/poller.ts';
import type { PollerEvent } from '../../../local/esm/ports.ts';
import { returned, SETTINGS } from '../../support/virtual-esm.ts';
import { LocalKinesis } from './local-kinesis.ts';

const FIRST = 'shardId-000000000000';

let kinesis: LocalKinesis;

beforeAll(async () => {
  kinesis = await LocalKinesis.start();
});

afterAll(() => kinesis.stop());

test('a mapping over a stream that is split delivers every record once, in key order, children after their parent', async () => {
  const name = await kinesis.newStream(2);
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  const events = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index).flatMap((number) =>
      keys.map((key) => [key, String(number)] as const),
    );
  const delivered: { shardId: string; key: string; number: number }[] = [];
  const log: PollerEvent[] = [];
  const poller = new Poller({
    settings: {
      ...SETTINGS,
      streamArn: `arn:aws:kinesis:eu-west-1:111111111111:stream/${name}`,
      batchSize: 7,
      parallelizationFactor: 4,
    },
    options: { pollIntervalMs: 5, readLimit: 50 },
    ports: {
      source: kinesisSource(kinesis.client, name),
      invoke: async ({ Records }) => {
        for (const { eventID, kinesis } of Records) {
          const shardId = eventID.split(':')[0] ?? '';
          delivered.push({ shardId, key: kinesis.partitionKey, number: Number(atob(kinesis.data)) });
        }
        return returned({ batchItemFailures: [] });
      },
      deliverOnFailure: async () => undefined,
      log: (event) => log.push(event),
    },
  });
  poller.start();
  await kinesis.put(name, events(0, 10));
  kinesis.failNext(
    'GetRecordsCommand',
    new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} }),
    2,
  );
  await kinesis.split(name, FIRST, 2n ** 126n);
  await kinesis.put(name, events(10, 20));
  await poller.drained(Date.now());
  await poller.stop();

  for (const key of keys) {
    const numbers = delivered.filter((event) => event.key === key).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index));
  }
  expect(new Set(delivered.map(({ shardId }) => shardId)).size).toBe(4);
  expect(poller.status()).toMatchObject([{ stage: 'done' }, { stage: 'open' }, { stage: 'open' }, { stage: 'open' }]);
  expect(log.every((event) => event.kind === 'port-failed' && String(event.error).includes('slow down'))).toBe(true);
});
