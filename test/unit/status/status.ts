import type { Status } from '../../../local/cli/status/model.ts';

/** A stage in which all is well, but for what a test changes. */
export const statusOf = (changes: Partial<Status> = {}): Status => ({
  stage: 'prod',
  at: '2026-11-21T03:00:00.000Z',
  streams: {
    items: [
      { stream: 'shop', name: 'the-shop', status: 'ACTIVE', mode: 'on-demand', openShards: 4, retentionHours: 168 },
    ],
  },
  systems: {
    items: [
      {
        system: 'profiles',
        stream: 'shop',
        mappingId: 'm-1',
        state: 'Enabled',
        lastResult: 'OK',
        changedAt: '2026-11-01T00:00:00.000Z',
      },
    ],
  },
  lag: {
    items: [{ system: 'profiles', unread: { kind: 'none' }, retentionHours: 168, allCheckpoints: true, shards: [] }],
  },
  alarms: { items: [], total: 20 },
  queues: { items: [{ system: 'profiles', queue: 'dead letters', url: 'q', waiting: 0, inFlight: 0 }] },
  ...changes,
});

export const alarm = {
  name: 'Millrace-prod-Stateless-ProfilesAlarmsStalled',
  since: '2026-11-21T02:45:00.000Z',
  reason: '15 datapoints were greater than the threshold',
  description: 'Rows stand still. First: look at the mapping. Runbook: docs/runbook.md#stalled',
};
