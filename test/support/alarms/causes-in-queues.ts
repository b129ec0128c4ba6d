import { STATEFUL_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { type CausesIn, rolledBack } from './cause.ts';
import { redriven } from './redrive.ts';
import type { AlarmWorld } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEAD_LETTERS = STATEFUL_OUTPUTS.deadLetterQueueUrl('profiles');

/** An event of a type that nobody knows, and its dead letter, which nobody can help. */
async function rejected(world: AlarmWorld, event: { readonly type?: string; readonly aheadMs?: number }) {
  world.giveUp(await world.putAndFold(event));
}

/** Somebody changes the mapping so that Lambda gives up at once, just as a deployment does not work. */
async function discarded(world: AlarmWorld, onFailure: boolean): Promise<string> {
  await world.updateMapping({ MaximumRetryAttempts: 0, ...(onFailure ? {} : { DestinationConfig: {} }) });
  world.processor.deploy(world.code.throwing);
  return world.putAndFold();
}

async function restored(world: AlarmWorld): Promise<void> {
  await world.restoreMapping();
  await rolledBack(world);
}

const unknownType = { type: 'no.such-type' };

/** What ends in a queue, or in none. */
export const causesInQueues: CausesIn = (world) => ({
  'ProfilesAlarms/DeadLetters': {
    first: () => rejected(world(), unknownType),
    repair: () => world().purge(DEAD_LETTERS),
  },
  'ProfilesAlarms/ClockSkew': {
    trouble: () => rejected(world(), { aheadMs: HOUR_MS }),
    repair: () => world().purge(DEAD_LETTERS),
  },
  'ProfilesAlarms/DeadLetterAge': {
    first: async () => {
      await rejected(world(), unknownType);
      await forgotten(world(), 10 * DAY_MS + HOUR_MS);
    },
    repair: () => world().purge(DEAD_LETTERS),
  },
  'ProfilesAlarms/OnFailure': {
    first: () => discarded(world(), true),
    repair: async () => {
      await restored(world());
      await redriven(world());
    },
  },
  'ProfilesAlarms/OnFailureAge': {
    first: async () => {
      await discarded(world(), true);
      await restored(world());
      await forgotten(world(), 6 * DAY_MS + HOUR_MS);
    },
    repair: () => redriven(world()),
  },
  // With no queue to send it to, what Lambda gives up is gone.
  'ProfilesAlarms/Dropped': {
    first: async () => world().giveUp(await discarded(world(), false)),
    repair: () => restored(world()),
  },
});

/** Queues are measured once, and nobody looks into them for so long. */
async function forgotten({ cloud, clock }: AlarmWorld, ms: number): Promise<void> {
  await cloud.monitor.sample();
  await clock.advance(ms);
}
