import type { Entry } from '../../../local/esm/batch.ts';
import { judge } from '../../../local/esm/response.ts';

const entries = ['8', '9', '10'].map((sequenceNumber) => ({ record: { sequenceNumber } }) as Entry);
const judged = (payload: unknown, reports = true) =>
  judge({ kind: 'returned', requestId: 'r1', payload }, entries, reports);
const failures = (...itemIdentifiers: readonly unknown[]) => ({
  batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
});
const response = { requestId: 'r1', functionError: null };

describe('a response', () => {
  test('that names records fails the batch from the lowest of them, as an integer', () => {
    expect(judged(failures('10', '9', '9'))).toEqual({ kind: 'failed-from', index: 1, response });
    expect(judged(failures('8'))).toEqual({ kind: 'failed-from', index: 0, response });
  });

  test.each<[string, unknown]>([
    ['a record that is not in the batch', failures('7')],
    ['one that is and one that is not', failures('9', '11')],
    ['one that is and one without a name', { batchItemFailures: [{ itemIdentifier: '9' }, {}] }],
    ['a number', failures(9)],
    ['null', { batchItemFailures: [null] }],
    ['text', { batchItemFailures: ['itemIdentifier'] }],
    ['nothing by the wrong name', { batchItemFailures: [{ id: '9' }] }],
    ['an empty text', failures('')],
    ['a number with more before it', failures('-9')],
    ['a number with more behind it', failures('9x')],
    ['a list where the object should be', [{ itemIdentifier: '9' }]],
    ['text where the object should be', 'failed'],
    ['a list that is none', { batchItemFailures: '9' }],
  ])('that names %s fails the batch as a whole', (_, payload) => {
    expect(judged(payload)).toEqual({ kind: 'failed', response });
  });

  test.each([undefined, null, '', [], {}, { batchItemFailures: null }, { batchItemFailures: [] }])(
    'of %j is a success',
    (payload) => {
      expect(judged(payload)).toEqual({ kind: 'succeeded' });
    },
  );

  test('is not looked at unless the mapping reports item failures', () => {
    expect(judged(failures('9'), false)).toEqual({ kind: 'succeeded' });
  });
});

test('an error keeps its name, and a throttle is none', () => {
  const failed = { kind: 'failed', requestId: 'r1', functionError: 'Unhandled', message: 'no' } as const;
  expect(judge(failed, entries, true)).toEqual({
    kind: 'failed',
    response: { requestId: 'r1', functionError: 'Unhandled' },
  });
  expect(judge({ kind: 'throttled' }, entries, true)).toEqual({ kind: 'throttled' });
});
