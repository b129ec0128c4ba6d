import { KeyLock } from '../../../../local/dynamodb/key-lock.ts';
import { until } from '../../../support/until.ts';

/** Tasks that note when they begin and end when they are told to. */
function tasks() {
  const lock = new KeyLock();
  const begun: string[] = [];
  const start = (name: string, ...keys: string[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const done = lock.exclusive(keys, async () => {
      begun.push(name);
      await promise;
      return name;
    });
    return { done, end: resolve, fail: reject };
  };
  return { begun, start };
}

describe('tasks that hold keys', () => {
  test('run one after another if they share a key, in the order in which they came', async () => {
    const { begun, start } = tasks();
    const [a, b, c] = [start('a', 'x'), start('b', 'x', 'y'), start('c', 'y')];
    await until(() => begun.length > 0);
    expect(begun).toEqual(['a']);
    a.end();
    await until(() => begun.length > 1);
    expect(begun).toEqual(['a', 'b']);
    b.end();
    c.end();
    expect(await Promise.all([a.done, b.done, c.done])).toEqual(['a', 'b', 'c']);
  });

  test('run side by side if they share none', async () => {
    const { begun, start } = tasks();
    const [a, b] = [start('a', 'x'), start('b', 'y')];
    await until(() => begun.length === 2);
    a.end();
    b.end();
    await Promise.all([a.done, b.done]);
  });

  test('let the next one run after a failure, which is theirs alone', async () => {
    const { start } = tasks();
    const [a, b] = [start('a', 'x'), start('b', 'x')];
    a.fail(new Error('of a'));
    b.end();
    await expect(a.done).rejects.toThrow('of a');
    expect(await b.done).toBe('b');
  });

  test('cannot wait for each other, whatever the order of their keys', async () => {
    const { start } = tasks();
    const pairs = [start('a', 'x', 'y'), start('b', 'y', 'x'), start('c', 'x', 'y')];
    for (const { end } of pairs) end();
    expect(await Promise.all(pairs.map(({ done }) => done))).toEqual(['a', 'b', 'c']);
  });
});
