import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { transientOf } from '../../../lambdas/aws/errors.ts';
import { type Emulators, startEmulators } from '../../../local/emulators/emulators.ts';
import type { Fault } from '../../../local/emulators/front.ts';
import { until } from '../../support/until.ts';

let emulators: Emulators;
let sqs: SQSClient;
let queue: { readonly QueueUrl: string | undefined };

beforeAll(async () => {
  emulators = await startEmulators();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({ endpoint: emulators.endpoints.sqs, region: 'us-east-1', credentials, maxAttempts: 1 });
});

beforeEach(async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: crypto.randomUUID() }));
  queue = { QueueUrl };
});

afterEach(() => emulators.setFaultHook());

afterAll(async () => {
  sqs.destroy();
  await emulators.stop();
});

/** Meets the next message that is sent, and no other request. */
function meetNextSend(fault: Fault): void {
  let left = 1;
  emulators.setFaultHook(({ operation }) => (operation === 'SendMessage' && left-- > 0 ? fault : 'pass'));
}

const send = () => sqs.send(new SendMessageCommand({ ...queue, MessageBody: 'a letter' }));

async function messages(): Promise<string | undefined> {
  const asked = { ...queue, AttributeNames: ['ApproximateNumberOfMessages' as const] };
  return (await sqs.send(new GetQueueAttributesCommand(asked))).Attributes?.ApproximateNumberOfMessages;
}

describe('a message to a queue', () => {
  test('that is throttled is refused as SQS refuses it, and the next one is kept', async () => {
    meetNextSend('throttle');
    await expect(send()).rejects.toMatchObject({ name: 'RequestThrottled', $metadata: { httpStatusCode: 400 } });
    expect(await messages()).toBe('0');
    await send();
    expect(await messages()).toBe('1');
  });

  test('that is dropped never reaches the queue', async () => {
    meetNextSend('drop');
    await expect(send()).rejects.toThrow();
    expect(await messages()).toBe('0');
  });

  test('whose answer is lost is in the queue', async () => {
    meetNextSend('lose-answer');
    await expect(send()).rejects.toThrow();
    expect(await messages()).toBe('1');
  });

  test('that comes late is in the queue once it has come, and not before', async () => {
    const late = Promise.withResolvers<void>();
    let held = false;
    emulators.setFaultHook(({ operation }) => {
      if (operation !== 'SendMessage') return 'pass';
      held = true;
      return { after: late.promise };
    });
    const sent = send();
    await until(() => held);
    expect(await messages()).toBe('0');
    late.resolve();
    await sent;
    expect(await messages()).toBe('1');
  });

  test.each<Fault>(['throttle', 'drop', 'lose-answer'])(
    'fails of a fault, %s, that the runtime takes for transient',
    async (fault) => {
      meetNextSend(fault);
      const error = await send().catch((thrown: unknown) => thrown);
      expect(transientOf('dead-letters', error)?.code).toMatch(/^dead-letters\.(throttled|unavailable)$/);
    },
  );
});

test('the fault hook sees operation and input, and cannot change what the queue gets', async () => {
  const seen: unknown[] = [];
  emulators.setFaultHook(({ service, operation, input }) => {
    const asked = input() as { QueueNamePrefix?: string };
    seen.push([service, operation, { ...asked }]);
    asked.QueueNamePrefix = 'no-queue-begins-so';
    return 'pass';
  });
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: '' }));
  expect(seen).toEqual([['sqs', 'ListQueues', { QueueNamePrefix: '' }]]);
  expect(QueueUrls).toContain(queue.QueueUrl);
});
