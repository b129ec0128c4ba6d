import type { SystemView } from '../core/view.ts';
import { profilesView } from './profiles/view.ts';

/** What every system shows over HTTP. A system with routes in its manifest has its view here. */
export const views: readonly SystemView[] = [profilesView];
