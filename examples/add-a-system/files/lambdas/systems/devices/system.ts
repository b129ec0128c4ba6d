import type { StreamManifest, SystemManifest } from '../../core/manifest.ts';

/** The stream that devices write. */
export const telemetry: StreamManifest = {
  name: 'telemetry',
  description: 'What devices report, keyed by device',
  kplProducers: false,
};

export const DEVICE_PATH = '/devices/{id}';

export const devices: SystemManifest = {
  name: 'devices',
  description: 'One row per device: when it was seen, its firmware and battery',
  entry: 'lambdas/systems/devices/handler.ts',
  inputStream: telemetry.name,
  outputStreams: [],
  alertQueues: [],
  deduplication: 'recent',
  indexes: [],
  analysts: { attributes: ['reports', 'firstSeen', 'lastSeen', 'firmware', 'batteryPercent'], personal: [] },
  routes: [{ path: DEVICE_PATH }],
};
