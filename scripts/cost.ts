/** `npm run cost`: writes what stages cost into docs/cost.md, README.md, docs/scale.md and lib/cost/idle.json. test/infra/cost.test.ts checks it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './cost/files.ts';
import { resourcesOf } from './cost/templates.ts';

const ROOT = join(import.meta.dirname, '..');

for (const { path, text } of generatedFiles(resourcesOf)) {
  const file = join(ROOT, path);
  if (current(file) === text) continue;
  writeFileSync(file, text);
  console.log(`wrote ${path}`);
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
