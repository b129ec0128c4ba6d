import { CommitLog } from '../../../local/chaos/commit-log.ts';
import type { FaultRequest } from '../../../local/emulators/front.ts';

const put = (table: string, id: string, version: number, outbox?: object): FaultRequest => ({
  service: 'dynamodb',
  operation: 'PutItem',
  input: () => ({
    TableName: table,
    Item: { id: { S: id }, _v: { N: String(version) }, ...(outbox === undefined ? {} : { _out: { M: outbox } }) },
  }),
});

test('a commit log knows which versions had effects, whatever else is put', () => {
  const log = new CommitLog('rows');
  log.note(put('rows', 'a', 1, {}));
  log.note(put('rows', 'a', 2));
  log.note(put('checkpoints', 'a', 3, {}));
  log.note({
    service: 'dynamodb',
    operation: 'GetItem',
    input: () => ({ TableName: 'rows', Key: { id: { S: 'a' } } }),
  });
  log.note(put('rows', 'b', 1));
  expect(log.commits).toEqual(
    new Map([
      [
        'a',
        new Map([
          [1, 'some'],
          [2, 'none'],
        ]),
      ],
      ['b', new Map([[1, 'none']])],
    ]),
  );
});

test('a version that was put with effects and without is unclear, since nobody sees which put it was', () => {
  const log = new CommitLog('rows');
  for (const outbox of [{}, undefined, {}]) log.note(put('rows', 'a', 1, outbox));
  log.note(put('rows', 'a', 2, {}));
  log.note(put('rows', 'a', 2, {}));
  expect(log.commits.get('a')).toEqual(
    new Map([
      [1, 'unclear'],
      [2, 'some'],
    ]),
  );
});
