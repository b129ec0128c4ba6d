import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { ALL_ALARMS } from '../support/alarms/all-alarms.ts';
import type { Causes } from '../support/alarms/cause.ts';
import { causesInFunction } from '../support/alarms/causes-in-function.ts';
import { causesInQueues } from '../support/alarms/causes-in-queues.ts';
import { causesInServices } from '../support/alarms/causes-in-services.ts';
import { causesOfLag, LONG_WAIT_MS } from '../support/alarms/causes-of-lag.ts';
import { OnCall } from '../support/alarms/on-call.ts';
import { AlarmWorld } from '../support/alarms/world.ts';

/**
 * Every alarm of the templates, driven to ALARM by what would cause it, and back by what somebody would do about it. All metrics come about as
 * in operation: functions run, the event source mapping delivers, services refuse. Only hours pass on a clock that is set ahead.
 */

let world: AlarmWorld;
let onCall: OnCall;
beforeAll(async () => {
  world = await AlarmWorld.start();
  onCall = await OnCall.of(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const causes: Causes = Object.assign(
  {},
  ...[causesInServices, causesInFunction, causesOfLag, causesInQueues].map((causesIn) => causesIn(() => world)),
);

test('every alarm has a cause here, in the stage that runs here and in all others', () => {
  expect(Object.keys(causes).sort()).toEqual(ALL_ALARMS);
  expect(ALL_ALARMS.map((construct) => onCall.alarmOf(construct)).sort()).toEqual(
    world.cloud.alarms.map(({ name }) => name).sort(),
  );
});

test.each(Object.entries(causes))(
  '%s goes off by its cause and recovers, and its topic is told of both',
  (construct, cause) => onCall.drive(construct, cause),
);

test('how fresh rows are is measured by the functions themselves, by the clock that was set ahead', () => {
  const { min, max } = world.cloud.metrics.statistics({
    namespace: metricNamespace('local'),
    name: METRICS.freshness,
    dimensions: { [METRIC_DIMENSION]: profiles.name },
  });
  expect(max).toBeGreaterThan(LONG_WAIT_MS);
  expect(min).toBeLessThan(60_000);
});

test('none of it lost an event or counted one twice, but for what somebody gave up', async () => {
  expect(Object.fromEntries(await world.folded())).toEqual(Object.fromEntries(world.users));
});
