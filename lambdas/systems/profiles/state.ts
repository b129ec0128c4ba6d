import type { StateSchema } from '../../core/processor.ts';
import { newProfile, type Profile } from './reducer.ts';

/** The versions of a profile's state: the processor writes the newest, views read any. */
export const profileState: StateSchema<Profile> = { version: 1, initial: newProfile, migrations: {} };
