import { Teardown } from '../../../local/teardown.ts';

describe('undoing', () => {
  test('goes backwards, one step after the other', async () => {
    const teardown = new Teardown();
    const order: string[] = [];
    const step = (name: string) => async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    };
    teardown.add(step('first'));
    teardown.add(step('second'));
    await teardown.run();
    expect(order).toEqual(['second begins', 'second ends', 'first begins', 'first ends']);
  });

  test('goes on after a step that fails, and tells all failures at the end', async () => {
    const teardown = new Teardown();
    let undone = false;
    teardown.add(() => {
      undone = true;
    });
    teardown.add(() => {
      throw new Error('one');
    });
    teardown.add(() => Promise.reject(new Error('two')));
    await expect(teardown.run()).rejects.toMatchObject({ errors: [new Error('two'), new Error('one')] });
    expect(undone).toBe(true);
  });

  test('happens once, however often it is asked for', async () => {
    const teardown = new Teardown();
    let times = 0;
    teardown.add(() => {
      times += 1;
    });
    await Promise.all([teardown.run(), teardown.run()]);
    await teardown.run();
    expect(times).toBe(1);
  });
});
