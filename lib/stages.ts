import type { SettingsInput } from './settings.ts';

const common = {
  streamMode: 'on-demand',
  retentionDays: 7,
  batchSize: 500,
  batchingWindowSeconds: 1,
  startingPosition: 'TRIM_HORIZON',
  consumer: 'shared',
  memoryMb: 256,
  timeoutSeconds: 60,
  replayMode: false,
  binaryEvents: false,
  apiRequestsPerSecond: 500,
  apiBurst: 1_000,
  apiMemoryMb: 512,
  logRetentionDays: 30,
  recoveryDays: 35,
  protectData: true,
  analystsReadPersonalData: false,
  tracing: true,
  iteratorAgeWarningMinutes: 5,
  iteratorAgeCriticalMinutes: 60,
  timeLeftHours: 72,
  freshnessSeconds: 60,
  freshnessPercent: 99,
  budgetScope: 'account',
} as const satisfies SettingsInput;

/** Every stage there is, with its settings. */
export const stageDefaults: Readonly<Record<string, SettingsInput>> = {
  /** What the local cloud runs: provisioned, since its shards are real. */
  local: { ...common, streamMode: 'provisioned', shards: 2, protectData: false, logRetentionDays: 1 },
  /** For trying things out: as little as possible is paid for while nothing happens, so nobody is told of anything. */
  dev: {
    ...common,
    streamMode: 'provisioned',
    shards: 1,
    retentionDays: 1,
    timeLeftHours: 12,
    protectData: false,
    logRetentionDays: 7,
    leaveOut: ['alarms'],
  },
  prod: common,
};
