import { exitCodeOf, type ShardStatus, type Status } from '../../../local/cli/status/model.ts';
import { describeStatus } from '../../../local/cli/status/show.ts';
import { alarm, statusOf } from './status.ts';

const failed = { error: 'AccessDeniedException: no sqs:GetQueueAttributes' };

describe('the exit code', () => {
  test.each<[string, Partial<Status>, number]>([
    ['is 0 where all is well', {}, 0],
    ['is 2 where something is in ALARM', { alarms: { items: [alarm], total: 20 } }, 2],
    ['is 1 where a part cannot be read', { queues: failed }, 1],
    ['is 1 where some of a part cannot be read', { queues: { items: [], ...failed } }, 1],
    ['is 1 where alarms cannot be read, since nobody knows', { alarms: failed }, 1],
    ['is 2 where something is in ALARM and a part cannot be read', { alarms: { items: [alarm] }, streams: failed }, 2],
  ])('%s', (_, changes, code) => expect(exitCodeOf(statusOf(changes))).toBe(code));
});

test('an alarm is shown with what it means, what to do first and its place in the runbook, each on a line', () => {
  const text = describeStatus(statusOf({ alarms: { items: [alarm], total: 20 } }));
  expect(text).toContain('Alarms: 1 of 20 in ALARM');
  expect(text.split('\n').map((line) => line.trim())).toEqual(
    expect.arrayContaining([
      `${alarm.name}  since 2026-11-21 02:45:00Z`,
      'Rows stand still.',
      'First: look at the mapping.',
      'Runbook: docs/runbook.md#stalled',
    ]),
  );
});

test('a part that cannot be read says why, and hides no other', () => {
  const text = describeStatus(statusOf({ queues: failed }));
  expect(text).toContain('cannot be read: AccessDeniedException: no sqs:GetQueueAttributes');
  expect(text).toContain('Alarms: none of 20 in ALARM');
  expect(text).toMatch(/shop +ACTIVE +on-demand +4 +168 h +the-shop/);
});

test('a stage that is deployed without alarms says so', () => {
  expect(describeStatus(statusOf({ alarms: { items: [], total: 0 } }))).toContain('Alarms: the stage has none');
});

test('a paused system is named with what lets it go on', () => {
  const systems = statusOf().systems as { items: object[] };
  const items = [{ ...systems.items[0], state: 'Disabled' }] as never;
  const paused = describeStatus(statusOf({ systems: { items } }));
  expect(paused).toContain('profiles is paused; npx millrace resume profiles --stage prod lets it go on');
});

test('what can be read of a part is shown beside what cannot', () => {
  const text = describeStatus(statusOf({ queues: { ...statusOf().queues, ...failed } }));
  expect(text).toMatch(/profiles +dead letters +0/);
  expect(text).toContain('cannot be read: AccessDeniedException');
});

describe('shards', () => {
  const shard = (n: number, behindMs?: number): ShardStatus => ({
    shardId: `shardId-${n}`,
    open: true,
    ...(behindMs === undefined ? {} : { behindMs, checkpoint: { sequenceNumber: `49${n}`, at: statusOf().at } }),
  });
  const show = (shards: ShardStatus[], allCheckpoints = true) =>
    describeStatus(
      statusOf({
        lag: {
          items: [{ system: 'profiles', unread: { kind: 'unknown' }, retentionHours: 168, allCheckpoints, shards }],
        },
      }),
    );

  test('are shown the furthest behind first, those of which nothing is known before all', () => {
    const text = show([shard(1, 0), shard(2, 9_000), shard(3)]);
    expect(text.match(/shardId-\d/g)).toEqual(['shardId-3', 'shardId-2', 'shardId-1']);
    expect(text).toMatch(/shardId-3 +open +unknown +none/);
    expect(text).toMatch(/shardId-2 +open +9\.0 s +2026-11-21 03:00:00Z +492/);
  });

  test('are cut where there are many, and say so', () => {
    const text = show(Array.from({ length: 25 }, (_, n) => shard(n, n)));
    expect(text.match(/shardId-\d+/g)).toHaveLength(20);
    expect(text).toContain('and 5 shards less far behind');
  });

  test('are behind by at most so much where not all checkpoints were read', () => {
    expect(show([shard(1, 9_000)], false)).toContain('at most 9.0 s');
  });
});

test('text of services cannot move the cursor', () => {
  const moving = { ...alarm, reason: 'ha\u001b[2Jha' };
  expect(describeStatus(statusOf({ alarms: { items: [moving], total: 1 } }))).not.toContain('\u001b');
});
