/** `npm run dictionary`: writes the generated parts of docs/analysts.md. That they are current is checked by test/unit/export. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANALYSTS_PAGE, analystsPage } from './dictionary/page.ts';

writeFileSync(join(import.meta.dirname, '..', ANALYSTS_PAGE), analystsPage());
console.log(`wrote ${ANALYSTS_PAGE}`);
