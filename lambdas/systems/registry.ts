import type { StreamManifest, SystemManifest } from '../core/manifest.ts';
import { profiles } from './profiles/system.ts';

/** Every stream that a stage has. */
export const streams: readonly StreamManifest[] = [
  { name: 'shop', description: 'What visitors of the shop do, keyed by user', kplProducers: false },
  {
    name: 'profile-updates',
    description: 'profile.updated, once per commit of a profile, keyed by user',
    kplProducers: false,
  },
];

/** Every system that a stage has: a new system is one folder and one line here. */
export const systems: readonly SystemManifest[] = [profiles];
