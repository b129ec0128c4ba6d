import { simulate } from '../support/simulate.ts';
import { profiles, visits } from './systems/profiles.ts';

test('profiles are what their events come to, whatever goes wrong', async () => {
  const { failures, deliveries, events } = await simulate(profiles, visits(100), { seeds: 20 });
  expect(failures).toEqual([]);
  // Most records come more than once, or nothing went wrong.
  expect(deliveries).toBeGreaterThan(events * 2);
}, 120_000);
