import { attempt, eachLimit } from '../../../lambdas/runtime/attempt.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';

const open = (): AbortSignal => new AbortController().signal;

describe('a call of a port', () => {
  test('that is refused for a known reason keeps it', async () => {
    const throttled = new TransientError('store.throttled', 'slow down');
    expect(await attempt(open(), () => Promise.reject(throttled))).toBe(throttled);
  });

  test.each([
    ['an error', new RangeError('too far'), 'A port failed in an unknown way: RangeError: too far'],
    ['no error', 'odd', 'A port failed in an unknown way: odd'],
  ])('that throws %s nobody knows is worth another try, and names it', async (_, thrown, message) => {
    const result = await attempt(open(), () => Promise.reject(thrown));
    expect(result).toBeInstanceOf(TransientError);
    expect(result).toMatchObject({ code: 'port.unexpected', message, cause: thrown });
  });

  test('that throws before it returns a promise is no defect of the caller', async () => {
    const result = await attempt(open(), () => {
      throw new Error('at once');
    });
    expect(result).toMatchObject({ code: 'port.unexpected' });
  });

  test('ends when time is up, even if the port does not', async () => {
    const time = new AbortController();
    const results = Promise.all([1, 2].map(() => attempt(time.signal, () => new Promise<never>(() => undefined))));
    const reason = new Error('no more time');
    time.abort(reason);
    const deadline = { code: 'invocation.deadline', message: 'The invocation ran out of time', cause: reason };
    expect(await results).toMatchObject([deadline, deadline]);
  });

  test('is not made at all once time is up', async () => {
    let called = false;
    const result = await attempt(AbortSignal.abort(), async () => {
      called = true;
    });
    expect(called).toBe(false);
    expect(result).toMatchObject({ code: 'invocation.deadline' });
  });

  test('whose own failure is the end of time says so', async () => {
    const time = new AbortController();
    const result = attempt(time.signal, async () => {
      time.abort();
      throw new TransientError('store.aborted', 'the request was aborted');
    });
    expect(await result).toMatchObject({ code: 'invocation.deadline' });
  });
});

describe('work on many items', () => {
  test.each([
    [2, 2],
    [9, 5],
  ])('of which %i may be under way at once runs %i of five', async (limit, expected) => {
    let [underWay, most] = [0, 0];
    const done: number[] = [];
    await eachLimit([1, 2, 3, 4, 5], limit, async (item) => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
      done.push(item);
    });
    expect(most).toBe(expected);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });
});
