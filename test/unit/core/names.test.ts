import {
  alertQueueEnv,
  effectTableEnv,
  metricNamespace,
  outputStreamEnv,
  stateTableEnv,
} from '../../../lambdas/core/names.ts';

/** The stacks set these names and the functions read them, and a stage may be deployed bit by bit. */
test.each([
  [outputStreamEnv('profile-updates'), 'STREAM_PROFILE_UPDATES'],
  [alertQueueEnv('fraud-alerts'), 'QUEUE_FRAUD_ALERTS'],
  [effectTableEnv('daily-views-by-page'), 'TABLE_DAILY_VIEWS_BY_PAGE'],
  [stateTableEnv('user-profiles'), 'STATE_TABLE_USER_PROFILES'],
  [metricNamespace('prod'), 'Millrace/prod'],
])('a resource keeps its name between deployments: %s', (actual, expected) => {
  expect(actual).toBe(expected);
});

test('kinds of resources of one logical name do not share a variable', () => {
  const all = [outputStreamEnv, alertQueueEnv, effectTableEnv, stateTableEnv].map((nameOf) => nameOf('carts'));
  expect(new Set(all).size).toBe(all.length);
  for (const name of all) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
});
