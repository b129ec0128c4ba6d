import type { MappingResult } from '../../../local/cli/mapping/command.ts';
import { describeChange } from '../../../local/cli/mapping/show.ts';
import type { Unread } from '../../../local/cli/status/model.ts';

const paused = (unread: Unread, changes: Partial<MappingResult> = {}): string =>
  describeChange({
    stage: 'prod',
    system: 'profiles',
    mappingId: 'm-1',
    state: 'Disabled',
    changed: true,
    lag: { system: 'profiles', unread, retentionHours: 168, allCheckpoints: true, shards: [] },
    ...changes,
  });

const some = {
  kind: 'some',
  arrivedAt: '2026-11-20T00:00:00.000Z',
  expiresAt: '2026-11-27T00:00:00.000Z',
  hoursLeft: 144,
  unknownShards: 0,
} as const;

test.each<[string, Unread, RegExp]>([
  ['unread events', some, /lost from 2026-11-27T00:00:00.000Z on, in 144\.0 hours/],
  ['unread events that expire already', { ...some, hoursLeft: 0 }, /are being lost: .* since 2026-11-27T00:00:00.000Z/],
  ['nothing unread', { kind: 'none' }, /from now on is kept for 168 hours/],
  ['no checkpoint that tells', { kind: 'unknown' }, /cannot be told; what arrives from now on is kept for 168 hours/],
])('a pause with %s says how long until data is lost', (_, unread, expected) => {
  expect(paused(unread)).toMatch(expected);
});

test('the way back is printed as it is to be typed, with the stage', () => {
  expect(paused(some)).toContain('npx millrace resume profiles --stage prod');
  expect(paused(some, { stage: 'local' })).toMatch(/npx millrace resume profiles$/);
});

test('a system that was paused before is told apart from one that was paused now', () => {
  expect(paused(some)).toMatch(/^Paused system profiles of stage prod/);
  expect(paused(some, { changed: false })).toMatch(/^Was paused already: system profiles/);
});

test('a resume says nothing of loss', () => {
  expect(paused(some, { state: 'Enabled' })).not.toMatch(/lost/);
});
