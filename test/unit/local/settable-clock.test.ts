import { stopwatch } from '../../../local/clock.ts';
import { SettableClock } from '../../support/settable-clock.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;

describe('a clock that is set ahead', () => {
  /** Goes on by a millisecond whenever it is looked at. */
  let machineMs: number;
  let clock: SettableClock;
  beforeEach(() => {
    machineMs = 1_000;
    clock = new SettableClock(() => machineMs++);
  });

  test('goes on from there at the pace of the machine', async () => {
    await clock.advance(HOUR_MS);
    const before = clock.now();
    machineMs += 500;
    expect(clock.now() - before).toBeGreaterThanOrEqual(500);
    expect(clock.aheadMs()).toBeGreaterThan(HOUR_MS - 100);
  });

  test('tells by how much it was ahead when the machine stamped something', async () => {
    const early = machineMs;
    await clock.advance(HOUR_MS);
    const between = machineMs++;
    await clock.advance(HOUR_MS);
    const late = machineMs++;
    const hours = [early, between, late].map((stamp) => Math.round(clock.aheadMs(stamp) / HOUR_MS));
    expect(hours).toEqual([0, 1, 2]);
  });

  test('lets happen on the way what is due, in order and each at its time, also what came up meanwhile', async () => {
    const start = clock.now();
    const seen: [string, number][] = [];
    const note = (what: string) => seen.push([what, Math.round((clock.now() - start) / 100)]);
    clock.at(start + 3_000, () => note('third'));
    clock.at(start + 1_000, () => {
      note('first');
      clock.at(start + 2_000, () => note('second'));
    });
    clock.at(start + 1_500, () => note('cancelled'))();
    const cancelLater = clock.at(start + HOUR_MS, () => note('later'));
    await clock.advance(5_000);
    cancelLater();
    expect(seen).toEqual([
      ['first', 10],
      ['second', 20],
      ['third', 30],
    ]);
  });

  test('cannot be set back', async () => {
    await expect(clock.advanceTo(clock.now() - 1)).rejects.toThrow(RangeError);
  });

  test('a stopwatch measures what passes by it', async () => {
    const elapsedMs = stopwatch(clock);
    await clock.advance(HOUR_MS);
    expect(Math.round(elapsedMs() / HOUR_MS)).toBe(1);
  });
});

test('what is left to wait for after a jump passes by itself', async () => {
  const clock = new SettableClock();
  let due = false;
  clock.at(clock.now() + HOUR_MS, () => {
    due = true;
  });
  await clock.advance(HOUR_MS - 50);
  expect(due).toBe(false);
  await until(() => due);
});
