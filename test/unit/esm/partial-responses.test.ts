import { failedItems, returned, threw, VirtualEsm, type VirtualEsmConfig } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';

/** Runs three records, 8, 9 and 10, whose first invocation is answered so; later ones succeed. */
function firstAnswer(answer: ReturnType<typeof returned>, settings: VirtualEsmConfig['settings'] = {}): VirtualEsm {
  const answers = [answer];
  const esm = new VirtualEsm({
    settings: { batchSize: 3, reportBatchItemFailures: true, ...settings },
    handler: () => answers.shift() ?? returned(),
  });
  for (const sequenceNumber of ['8', '9', '10'])
    esm.stream.put(SHARD, `key-${sequenceNumber}`, esm.nowMs, { sequenceNumber });
  return esm.runUntilDrained();
}

const batches = (esm: VirtualEsm) => esm.invocations.map(({ sequenceNumbers }) => sequenceNumbers);

describe('partial batch responses', () => {
  test('all from the returned record on is retried, what is before it is not', () => {
    expect(batches(firstAnswer(failedItems('9')))).toEqual([
      ['8', '9', '10'],
      ['9', '10'],
    ]);
  });

  test('of several returned records the lowest counts', () => {
    expect(batches(firstAnswer(failedItems('10', '8', '9')))).toEqual([
      ['8', '9', '10'],
      ['8', '9', '10'],
    ]);
  });

  test('the lowest is the lowest integer: 9 is below 10', () => {
    expect(batches(firstAnswer(failedItems('10', '9')))).toEqual([
      ['8', '9', '10'],
      ['9', '10'],
    ]);
  });

  test('the checkpoint moves to the record before the returned one while the rest is retried', () => {
    const answers = [failedItems('10')];
    const esm = new VirtualEsm({
      settings: { batchSize: 3, reportBatchItemFailures: true },
      handler: () => answers.shift() ?? 'hold',
    });
    for (const sequenceNumber of ['8', '9', '10']) esm.stream.put(SHARD, 'key', esm.nowMs, { sequenceNumber });
    esm.runFor(60_000);
    expect(esm.engine.status()).toMatchObject([{ checkpoint: '9', buffered: 1 }]);
  });

  test.each([
    ['null', null],
    ['no payload', undefined],
    ['an empty string', ''],
    ['an empty list', []],
    ['an empty object', {}],
    ['an object without the list', { ok: true }],
    ['a null list', { batchItemFailures: null }],
    ['an empty list of failures', { batchItemFailures: [] }],
  ])('%s is a success', (_, payload) => {
    expect(batches(firstAnswer(returned(payload)))).toEqual([['8', '9', '10']]);
  });

  test.each([
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['a number as identifier', { batchItemFailures: [{ itemIdentifier: 9 }] }],
    ['a wrong key', { batchItemFailures: [{ foo: '9' }] }],
    ['an item that is no object', { batchItemFailures: ['9'] }],
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: '11' }] }],
    [
      'an unknown identifier beside a known one',
      { batchItemFailures: [{ itemIdentifier: '10' }, { itemIdentifier: '11' }] },
    ],
    [
      'an empty identifier beside a known one',
      { batchItemFailures: [{ itemIdentifier: '10' }, { itemIdentifier: '' }] },
    ],
    ['a list that is no list', { batchItemFailures: '9' }],
    ['a response that is no object', 'ok'],
  ])('%s fails the batch as a whole', (_, payload) => {
    expect(batches(firstAnswer(returned(payload)))).toEqual([
      ['8', '9', '10'],
      ['8', '9', '10'],
    ]);
  });

  test('a response that was not asked for is not looked at', () => {
    expect(batches(firstAnswer(failedItems('9'), { reportBatchItemFailures: false }))).toEqual([['8', '9', '10']]);
  });

  test('a thrown error fails the batch as a whole', () => {
    expect(batches(firstAnswer(threw()))).toEqual([
      ['8', '9', '10'],
      ['8', '9', '10'],
    ]);
  });

  test('the remainder is retried before anything that came after its batch, and is not filled up', () => {
    const answers = [failedItems('9')];
    const esm = new VirtualEsm({
      settings: { batchSize: 3, reportBatchItemFailures: true },
      handler: () => answers.shift() ?? returned(),
    });
    for (const sequenceNumber of ['8', '9', '10', '11']) esm.stream.put(SHARD, 'key', esm.nowMs, { sequenceNumber });
    esm.runUntilDrained();
    expect(batches(esm)).toEqual([['8', '9', '10'], ['9', '10'], ['11']]);
  });
});
