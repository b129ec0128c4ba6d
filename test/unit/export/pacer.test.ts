import fc from 'fast-check';
import { Pacer } from '../../../local/cli/export/pacer.ts';

const { signal } = new AbortController();

function virtual() {
  let nowMs = 0;
  return {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('no more is spent than comes in, whatever the requests take', async () => {
  const spending = fc.array(
    fc.tuple(fc.double({ min: 0, max: 500, noNaN: true }), fc.integer({ min: 0, max: 3_000 })),
    {
      minLength: 1,
    },
  );
  await fc.assert(
    fc.asyncProperty(spending, fc.integer({ min: 1, max: 1_000 }), async (requests, perSecond) => {
      const clock = virtual();
      const pacer = new Pacer(perSecond, clock);
      for (const [units, tookMs] of requests) {
        clock.pass(tookMs);
        await pacer.spend(units, signal);
        expect(pacer.spent).toBeLessThanOrEqual((clock.now() / 1_000) * perSecond + 1e-6);
      }
    }),
  );
});

test('what was not used while nobody read is not saved up', async () => {
  const clock = virtual();
  const pacer = new Pacer(10, clock);
  clock.pass(60_000);
  await pacer.spend(100, signal);
  expect(clock.now()).toBe(70_000);
});

test('without a limit nobody waits', async () => {
  const clock = virtual();
  const pacer = new Pacer(Number.POSITIVE_INFINITY, clock);
  await pacer.spend(1e9, signal);
  expect(clock.now()).toBe(0);
});
