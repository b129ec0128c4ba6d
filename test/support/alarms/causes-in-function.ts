import { until } from '../until.ts';
import { badDeployment, type Cause, type CausesIn } from './cause.ts';
import { HANGS } from './code.ts';
import type { AlarmWorld } from './world.ts';

/** Code that hangs is deployed: each invocation runs into its time-out. */
function hangingDeployment(world: () => AlarmWorld): Cause {
  let timeouts = 0;
  const timeOut = async () => {
    const { clock, processor } = world();
    await until(() => processor.logs().filter(({ text }) => text.includes(HANGS)).length > timeouts);
    timeouts += 1;
    await clock.advance(processor.definition.timeoutSeconds * 1_000);
  };
  return {
    first: async () => {
      const { code, processor } = world();
      processor.deploy(code.hanging);
      await world().putInVain();
    },
    trouble: timeOut,
    repair: async () => {
      world().rollBack(world().processor);
      // What began before ends on the old code.
      await timeOut();
      await world().untilFolded();
    },
  };
}

/** What goes wrong in and around the processor's function. */
export const causesInFunction: CausesIn = (world) => ({
  'ProfilesAlarms/Errors': badDeployment(world),
  'ProfilesAlarms/Timeouts': hangingDeployment(world),
  'ProfilesAlarms/Throttles': {
    first: async () => {
      const { processor } = world();
      processor.redefine({ ...processor.definition, reservedConcurrency: 0 });
      await world().putInVain();
    },
    repair: async () => {
      const { processor } = world();
      const { reservedConcurrency: _, ...unreserved } = processor.definition;
      processor.redefine(unreserved);
      await world().untilFolded();
    },
  },
  // A release writes a row, is rolled back, and what it wrote is beyond what ran before it.
  'ProfilesAlarms/BlockedKeys': {
    first: async () => {
      const { code, processor } = world();
      processor.deploy(code.nextRelease);
      const user = await world().putAndFold();
      world().rollBack(processor);
      await world().putInVain({ user });
    },
    repair: async () => {
      const { code, processor } = world();
      processor.deploy(code.nextRelease);
      await world().untilFolded();
      world().rollBack(processor);
    },
  },
});
