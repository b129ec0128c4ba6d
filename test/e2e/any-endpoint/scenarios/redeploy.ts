import { setTimeout as delay } from 'node:timers/promises';
import { GetEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import type { Settings } from '../deployment.ts';
import { dollars, entryOf, purchased, put, rowOf } from '../events.ts';
import { eventually } from '../wait.ts';
import { PATIENCE_SECONDS, type Scenario, type World } from '../world.ts';

const USERS = 8;
const PRICE = 100;
const PAUSE_MS = 50;
const WINDOW_SECONDS = 1;

/** The settings that are changed: one of the mapping, one of the function. */
export const REDEPLOYED: Settings = { batchingWindowSeconds: WINDOW_SECONDS, memoryMb: 512 };

export const redeploy: Scenario = {
  name: 'a deployment in the middle of traffic loses and doubles nothing',
  run: async (world) => {
    const stop = new AbortController();
    const traffic = send(world, AbortSignal.any([stop.signal, world.signal]));
    try {
      await world.redeploy(REDEPLOYED);
    } finally {
      stop.abort();
    }
    const orders = await traffic;
    await untilCounted(world, orders);
    await untilChanged(world);
    return undefined;
  },
};

const userOf = (world: World, nth: number): string => `${world.run}-shopper-${nth}`;

/** Sends one purchase of each user at a time. @returns how many of each. */
async function send(world: World, signal: AbortSignal): Promise<number> {
  let orders = 0;
  do {
    const entries = Array.from({ length: USERS }, (_, nth) =>
      entryOf(purchased(userOf(world, nth), `order-${orders}`, PRICE)),
    );
    await put(world, entries);
    orders += 1;
    await delay(PAUSE_MS);
  } while (!signal.aborted);
  return orders;
}

async function untilCounted(world: World, orders: number): Promise<void> {
  for (let nth = 0; nth < USERS; nth += 1) {
    let seen: unknown;
    await eventually({
      what: `profile of ${userOf(world, nth)} with exactly ${orders} orders of ${PRICE}`,
      seconds: PATIENCE_SECONDS,
      signal: world.signal,
      seen: () => seen,
      probe: async () => {
        const row = await rowOf(world, userOf(world, nth));
        const counts = { orders: dollars(row, 'orders'), totalSpend: dollars(row, 'totalSpend') };
        seen = counts;
        if (counts.orders > orders) throw new Error(`${counts.orders} orders were counted, and ${orders} were sent`);
        return counts.orders === orders && counts.totalSpend === orders * PRICE ? true : undefined;
      },
    });
  }
}

async function untilChanged({ clients, outputs, signal }: World): Promise<void> {
  let seen: number | undefined;
  await eventually({
    what: `batching window of ${WINDOW_SECONDS} s on the event source mapping`,
    seconds: PATIENCE_SECONDS,
    signal,
    seen: () => seen,
    probe: async () => {
      const command = new GetEventSourceMappingCommand({ UUID: outputs.mappingId });
      seen = (await clients.lambda.send(command, { abortSignal: signal })).MaximumBatchingWindowInSeconds;
      return seen === WINDOW_SECONDS ? true : undefined;
    },
  });
}
