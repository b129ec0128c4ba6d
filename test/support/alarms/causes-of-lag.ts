import { badDeployment, type Cause, type CausesIn, rolledBack } from './cause.ts';
import type { AlarmWorld } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The longest that an event waits. */
export const LONG_WAIT_MS = 100 * HOUR_MS;

/** More than the reducer is allowed to throw on without stopping its batch. */
const MOST_OF_A_BATCH = 30;

const brokenReducer = (world: () => AlarmWorld): Cause => ({
  first: async () => {
    const { code, processor } = world();
    processor.deploy(code.brokenReducer);
    await world().putInVain({ count: MOST_OF_A_BATCH });
  },
  repair: () => rolledBack(world()),
});

/** What holds the processor up. */
export const causesOfLag: CausesIn = (world) => {
  const pause = () => world().updateMapping({ Enabled: false });
  const resume = async () => {
    await world().updateMapping({ Enabled: true });
    await world().untilFolded();
  };
  const healthy = () => world().putAndFold();
  return {
    'ProfilesAlarms/Stalled': {
      first: pause,
      trouble: () => world().put(),
      repair: resume,
    },
    'ProfilesAlarms/IteratorAgeWarning': badDeployment(world, 6 * MINUTE_MS),
    'ProfilesAlarms/IteratorAgeCritical': { ...badDeployment(world, 2 * HOUR_MS), healthy },
    'ProfilesAlarms/TimeLeft': { ...badDeployment(world, LONG_WAIT_MS), healthy },
    'ProfilesAlarms/BrokenBatches': brokenReducer(world),
    'ProfilesAlarms/Stale': brokenReducer(world),
    'ProfilesAlarms/FreshnessBurnFast': badDeployment(world),
    // A consumer that comes to each event a minute late.
    'ProfilesAlarms/FreshnessBurnSlow': {
      trouble: async () => {
        await pause();
        await world().put();
        await world().clock.advance(MINUTE_MS + 5_000);
        await resume();
      },
      repair: () => undefined,
    },
  };
};
