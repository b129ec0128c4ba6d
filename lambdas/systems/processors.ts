import type { Processor } from '../core/processor.ts';
import { profilesProcessor } from './profiles/processor.ts';

/** What every system does with events, for tools that must do the same. A system's function imports its own alone. */
export const processors: readonly Processor<object>[] = [profilesProcessor];
