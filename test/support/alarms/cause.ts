import type { AlarmWorld } from './world.ts';

/** What makes an alarm go off, and what ends it. Nothing of it touches a metric: metrics come about as in operation. */
export interface Cause {
  /** What begins it. */
  readonly first?: () => unknown;
  /** What happens in each minute of trouble. */
  readonly trouble?: () => unknown;
  /** What somebody does about it. */
  readonly repair: () => unknown;
  /** What happens in each minute afterwards, where silence would leave the alarm as it is. */
  readonly healthy?: () => unknown;
}

/** Causes by the constructs of their alarms. */
export type Causes = Readonly<Record<string, Cause>>;

/** Causes in a world, which has started by the time that they are carried out. */
export type CausesIn = (world: () => AlarmWorld) => Causes;

/** Somebody deploys code that does not work, and rolls it back. An event waits meanwhile, for so many milliseconds at first. */
export const badDeployment = (world: () => AlarmWorld, waitingMs = 0): Cause => ({
  first: async () => {
    const { clock, code, processor } = world();
    processor.deploy(code.throwing);
    await world().putInVain();
    await clock.advance(waitingMs);
  },
  repair: () => rolledBack(world()),
});

/** The function has the code of the stacks again, and what has waited is folded. */
export async function rolledBack(world: AlarmWorld): Promise<void> {
  world.rollBack(world.processor);
  await world.untilFolded();
}
