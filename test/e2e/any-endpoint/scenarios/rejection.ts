import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { dollars, entryOf, purchased, put } from '../events.ts';
import { eventually } from '../wait.ts';
import { PATIENCE_SECONDS, type Scenario, type World } from '../world.ts';
import { untilRow } from './fold.ts';

interface Letter {
  readonly code?: string;
  readonly partitionKey?: string;
  /** Base64. */
  readonly payload?: string;
}

export const rejection: Scenario = {
  name: 'what can never be applied goes to the dead-letter queue, and the rest of its user goes on',
  run: async (world) => {
    const user = `${world.run}-alan`;
    const garbage = { key: user, bytes: Buffer.from(`no JSON ${world.run}`) };
    const invalid = entryOf({ id: 'reject-1', type: 'order.purchased', subject: user, data: { total: 'much' } });
    const misrouted = entryOf(purchased(user, 'reject-2', 100), `${user}-elsewhere`);
    await put(world, [garbage, invalid, misrouted, entryOf(purchased(user, 'reject-3', 700))]);
    await untilRow(world, user, `profile of ${user} with its good order`, (row) => dollars(row, 'totalSpend') === 700);
    const expected = new Map([
      [base64(garbage.bytes), 'record.not-json'],
      [base64(invalid.bytes), 'event.invalid-data'],
      [base64(misrouted.bytes), 'event.misrouted'],
    ]);
    await expectLetters(world, expected);
    return undefined;
  },
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Takes letters from the queue, deletes those that are expected, and leaves others alone. */
async function expectLetters(world: World, expected: Map<string, string>): Promise<void> {
  await eventually({
    what: `dead letters with ${[...expected.values()].join(', ')}`,
    seconds: PATIENCE_SECONDS,
    signal: world.signal,
    seen: () => ({ missing: [...expected.values()] }),
    probe: async () => {
      for (const message of await receive(world)) {
        const { code, payload = '' }: Letter = JSON.parse(message.Body ?? '{}');
        const reason = expected.get(payload);
        if (reason === undefined) continue;
        if (code !== reason) throw new Error(`a record was rejected as ${code}, and not as ${reason}`);
        expected.delete(payload);
        await remove(world, message);
      }
      return expected.size === 0 ? true : undefined;
    },
  });
}

async function receive({ clients, outputs, signal }: World): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: outputs.deadLetters,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 5,
  });
  return (await clients.sqs.send(command, { abortSignal: signal })).Messages ?? [];
}

async function remove({ clients, outputs }: World, { ReceiptHandle = '' }: Message): Promise<void> {
  await clients.sqs.send(new DeleteMessageCommand({ QueueUrl: outputs.deadLetters, ReceiptHandle }));
}
