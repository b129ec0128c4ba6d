import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import type { Processor } from '../../../lambdas/core/processor.ts';
import type { Row } from '../../../lambdas/core/row.ts';
import type { Reading } from '../../../local/cli/redrive/events.ts';
import { edgesOf, type RedriveClients, type Resources } from '../../../local/cli/redrive/stage.ts';
import { counter } from '../../support/counter.ts';

const cause = { id: 'e1', source: 'urn:test', time: '2026-11-01T12:00:00.000Z' };
const row: Row = {
  key: 'k',
  version: 3,
  epoch: 'e',
  schema: 1,
  token: 'invocation',
  marks: {},
  ids: [],
  outbox: { effects: [], commit: cause },
  state: { folded: ['e1'] },
};

/** A stage whose checkpoint table holds these tokens, and whose streams take everything or nothing. */
function stage({ checkpoints = [] as readonly string[], isDown = false } = {}) {
  const puts: unknown[] = [];
  const asked: unknown[] = [];
  const kinesis = {
    send: async (command: object) => {
      if (!(command instanceof PutRecordsCommand)) throw new Error('Nothing else is asked of the stream');
      if (isDown) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      const { Records = [] } = command.input;
      puts.push(...Records.map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString())));
      return { FailedRecordCount: 0, Records: Records.map(() => ({ ShardId: 's', SequenceNumber: '1' })) };
    },
  };
  const documents = {
    send: async ({ input }: { readonly input: { readonly Key: { readonly id: string } } }) => {
      asked.push(input.Key.id);
      return checkpoints.some((token) => input.Key.id === `tx#${token}`) ? { Item: {} } : {};
    },
  };
  const clients = {
    kinesis: kinesis as unknown as KinesisClient,
    documents,
    sqs: {},
    s3: {},
  } as unknown as RedriveClients;
  const resources = {
    name: 'counter',
    streamName: 'the-in',
    checkpointTable: 'checkpoints',
    outputs: { stream: (name: string) => `the-${name}`, queueUrl: () => 'none' },
  } as unknown as Resources;
  const reading = { replayMode: false } as Reading;
  const { settle } = edgesOf(clients, resources, counter as unknown as Processor<object>, reading, () => 0);
  return { settle, puts, asked };
}

test('effects that no checkpoint proves to be sent are sent again, once for each version of a row', async () => {
  const { settle, puts, asked } = stage();
  expect(await settle(row)).toBe(1);
  expect(puts).toEqual([expect.objectContaining({ type: 'test.committed', data: { count: 1 } })]);
  expect(await settle(row)).toBe(0);
  expect(asked).toEqual(['tx#invocation']);
  expect(await settle({ ...row, version: 4 })).toBe(1);
});

test('effects that a checkpoint proves to be sent are not', async () => {
  const { settle, puts } = stage({ checkpoints: ['invocation'] });
  expect(await settle(row)).toBe(0);
  expect(puts).toEqual([]);
});

test('what cannot be sent is no success, and is tried again', async () => {
  const { settle } = stage({ isDown: true });
  await expect(settle(row)).rejects.toThrow(/ECONNREFUSED/);
  await expect(settle(row)).rejects.toThrow(/ECONNREFUSED/);
});

test('effects of a row that newer code has written are left to that code', async () => {
  const { settle, asked } = stage();
  await expect(settle({ ...row, schema: 2 })).rejects.toThrow(/state version 2, newer than this checkout's code/);
  expect(asked).toEqual([]);
});
