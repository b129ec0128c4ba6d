/** Writes the OpenAPI document of the REST API, or, with `check`, fails if the committed one is not current. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openApiDocument } from '../lambdas/query/openapi.ts';
import { views } from '../lambdas/systems/views.ts';

const FILE = join(import.meta.dirname, '../openapi/millrace.json');

const text = `${JSON.stringify(openApiDocument(views), undefined, 2)}\n`;
const [command] = process.argv.slice(2);

if (command === undefined) {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, text);
} else if (command !== 'check') {
  console.error(`openapi knows no ${command}: leave it out to write openapi/millrace.json, or say check`);
  process.exitCode = 2;
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('openapi/millrace.json is not what the code answers: run npm run openapi and commit it');
  process.exitCode = 1;
}
