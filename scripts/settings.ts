/** `npm run settings`: writes docs/settings.md. That it is current is checked by test/infra/settings.test.ts. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsPage } from './settings/page.ts';

const FILE = 'docs/settings.md';

writeFileSync(join(import.meta.dirname, '..', FILE), settingsPage());
console.log(`wrote ${FILE}`);
