import { Scheduler, StandstillError } from '../support/simulate/scheduler.ts';

const START = 1_000;
const FAR = 1_000_000;

describe('virtual time', () => {
  test('fires one timer at a time, by time and then by request', async () => {
    const scheduler = new Scheduler(START);
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name} at ${scheduler.now()}`);
    scheduler.after(30, note('last'));
    scheduler.after(10, note('first'));
    scheduler.after(20, note('second'));
    scheduler.after(20, note('third'));
    await scheduler.run(() => fired.length === 4, FAR, 100);
    expect(fired).toEqual(['first at 1010', 'second at 1020', 'third at 1020', 'last at 1030']);
  });

  test('lets whatever a timer sets off come to rest before the next one fires, however long the chain', async () => {
    const scheduler = new Scheduler(START);
    const order: string[] = [];
    const chain = async (): Promise<void> => {
      for (let n = 0; n < 500; n++) await undefined;
      order.push('chain ended');
    };
    scheduler.after(1, () => void chain());
    scheduler.after(2, () => order.push('next timer'));
    await scheduler.run(() => order.length === 2, FAR, 100);
    expect(order).toEqual(['chain ended', 'next timer']);
  });

  test('does not fire what was cancelled', async () => {
    const scheduler = new Scheduler(START);
    const fired: string[] = [];
    scheduler.after(1, () => fired.push('cancelled'))();
    scheduler.after(2, () => fired.push('kept'));
    await scheduler.run(() => fired.length > 0, FAR, 100);
    expect(fired).toEqual(['kept']);
  });

  test('says so if nothing is left, time runs out, or there is no progress', async () => {
    const idle = new Scheduler(START);
    await expect(idle.run(() => false, FAR, 100)).rejects.toThrow(StandstillError);
    const late = new Scheduler(START);
    late.at(FAR + 1, () => undefined);
    await expect(late.run(() => false, FAR, 100)).rejects.toThrow('too much virtual time');
    const busy = new Scheduler(START);
    const again = (): void => void busy.after(1, again);
    again();
    await expect(busy.run(() => false, FAR, 100)).rejects.toThrow('more than 100 steps');
  });
});
