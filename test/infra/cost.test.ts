import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { idleMonth, totalOf } from '../../lib/cost/idle.ts';
import { DEPLOYED_STAGES, generatedFiles } from '../../scripts/cost/files.ts';
import { synthesize } from './support/synth.ts';

const ROOT = join(import.meta.dirname, '../..');
const resources = new Map(DEPLOYED_STAGES.map((stage) => [stage, synthesize({ stage }).resources()]));
const resourcesOf = (stage: string) => resources.get(stage) ?? [];

test('dev costs less than 25 dollars in a month in which nothing happens', () => {
  const lines = idleMonth(resourcesOf('dev'));
  expect(totalOf(lines)).toBeLessThan(25);
  expect(totalOf(lines)).toBeGreaterThan(20);
});

test.each(generatedFiles(resourcesOf).map(({ path, text }) => [path, text] as const))(
  '%s says what the templates cost (npm run cost writes it)',
  (path, text) => expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text),
);
