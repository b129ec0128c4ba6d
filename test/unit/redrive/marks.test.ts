import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { RedriveMark } from '../../../lambdas/core/redrive.ts';
import { dynamoMarks } from '../../../local/cli/redrive/marks.ts';
import { localClients, type OwnedClients } from '../../../local/clients.ts';
import { type Emulators, startEmulators } from '../../../local/emulators/emulators.ts';

const NOW = Date.UTC(2026, 10, 1);
const TABLE = 'marks';
const claim = (token: string): RedriveMark => ({ token, firstMs: NOW, lastMs: NOW });

let emulators: Emulators;
let owned: OwnedClients;
beforeAll(async () => {
  emulators = await startEmulators();
  owned = localClients(emulators.endpoints);
  const table = new CreateTableCommand({
    TableName: TABLE,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await owned.clients.documents.send(table);
});
afterAll(async () => {
  owned.destroy();
  await emulators.stop();
});
afterEach(() => emulators.setFaultHook());
const marks = () => dynamoMarks(owned.clients.documents, TABLE, () => NOW);

test('of two claims over the same mark one is written', async () => {
  const { readMark, writeMark } = marks();
  expect(await readMark('a')).toBeUndefined();
  expect(await writeMark('a', claim('one'), undefined)).toBe('written');
  expect(await writeMark('a', claim('two'), undefined)).toBe('conflict');
  expect(await writeMark('a', { ...claim('one'), sequence: '9' }, claim('one'))).toBe('written');
  expect(await readMark('a')).toEqual({ ...claim('one'), sequence: '9' });
});

test('a claim whose answer was lost is our own when the client repeats it', async () => {
  let puts = 0;
  emulators.setFaultHook(({ operation }) => (operation === 'PutItem' && puts++ === 0 ? 'lose-answer' : 'pass'));
  expect(await marks().writeMark('lost', claim('one'), undefined)).toBe('written');
  expect(puts).toBeGreaterThan(1);
});

test('a claim that is taken back leaves what was there, unless somebody has claimed since', async () => {
  const { readMark, writeMark, undoMark } = marks();
  await writeMark('b', claim('one'), undefined);
  await writeMark('b', claim('two'), claim('one'));
  await undoMark('b', claim('two'), claim('one'));
  expect(await readMark('b')).toEqual(claim('one'));
  await undoMark('b', claim('two'), undefined);
  expect(await readMark('b')).toEqual(claim('one'));
  await undoMark('b', claim('one'), undefined);
  expect(await readMark('b')).toBeUndefined();
});

test('a mark goes by itself once no queue can hold its message any more', async () => {
  await marks().writeMark('c', claim('one'), undefined);
  const { Item } = await owned.clients.documents.send(new GetCommand({ TableName: TABLE, Key: { id: 'redrive#c' } }));
  expect(Item?.expiresAt).toBe(NOW / 1000 + 30 * 86_400);
});
