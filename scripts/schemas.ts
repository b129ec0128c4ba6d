/** `npm run schemas -- generate | check`: the schema catalogue as files, and the check that no change breaks anybody. */

import { join } from 'node:path';
import { Command } from 'commander';
import { catalogue } from '../lambdas/systems/catalogue.ts';
import { streams } from '../lambdas/systems/registry.ts';
import { BaselineError, hasHistory, publishedAt, publishedInFolder } from './schemas/baseline.ts';
import { check, isGood } from './schemas/check.ts';
import { eventTypesOf } from './schemas/event-types.ts';
import { generated, write } from './schemas/files.ts';
import type { Published } from './schemas/published.ts';
import { reportText } from './schemas/report.ts';

const ROOT = join(import.meta.dirname, '..');

/** Exit codes: 1, something is wrong with the schemas; 2, the command could not do its work. */
const FOUND = 1;
const FAILED = 2;

interface Options {
  readonly against?: string;
  readonly json?: boolean;
}

/** Published is what is committed; without git, what the files say. */
const publishedFor = ({ against }: Options): Published =>
  against === undefined && !hasHistory(ROOT) ? publishedInFolder(ROOT) : publishedAt(ROOT, against ?? 'HEAD');

function runCheck(options: Options): void {
  const report = check(ROOT, catalogue, publishedFor(options), streams);
  if (options.json) console.log(JSON.stringify({ ok: isGood(report), ...report }));
  else console.log(reportText(report));
  if (!isGood(report)) process.exitCode = FOUND;
}

/** Nothing is written that would change what is published. */
function runGenerate(options: Options): void {
  const report = check(ROOT, catalogue, publishedFor(options), streams);
  if (report.problems.length + report.breaks.length > 0) {
    console.log(reportText({ ...report, outdated: [] }));
    process.exitCode = FOUND;
    return;
  }
  const paths = write(ROOT, generated(eventTypesOf(catalogue).types));
  console.log(paths.length === 0 ? 'All files were current' : paths.map((path) => `wrote ${path}`).join('\n'));
}

const AGAINST = 'git revision whose published versions may not change (default: HEAD, or the files if there is no git)';

const program = new Command('schemas').description('Event types as JSON Schemas, and what their changes would break');
program
  .command('check')
  .description('name every break, and every generated file that is not current; exit code 1 if there is one')
  .option('--against <rev>', AGAINST)
  .option('--json', 'one JSON object instead of text')
  .action(runCheck);
program
  .command('generate')
  .description('write schemas/ and docs/events.md')
  .option('--against <rev>', AGAINST)
  .action(runGenerate);

try {
  program.parse();
} catch (error) {
  if (!(error instanceof BaselineError)) throw error;
  console.error(error.message);
  process.exitCode = FAILED;
}
