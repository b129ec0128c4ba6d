import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadStage } from '../../lib/config.ts';
import { idleMonth, type PricedResource } from '../../lib/cost/idle.ts';
import { stageDefaults } from '../../lib/stages.ts';
import { inBlock } from '../blocks.ts';
import { costPage, type PricedStage, readmeTable, scaleCosts, scaleTable } from './pages.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Stages that are deployed: the local one costs nothing. */
export const DEPLOYED_STAGES: readonly string[] = Object.keys(stageDefaults).filter((name) => name !== 'local');

/**
 * Every file that figures about cost are generated into, with the text that it must have.
 *
 * @param resourcesOf the resources of a stage's templates.
 */
export function generatedFiles(
  resourcesOf: (stage: string) => readonly PricedResource[],
): readonly { readonly path: string; readonly text: string }[] {
  const stages: readonly PricedStage[] = DEPLOYED_STAGES.map((name) => ({
    name,
    settings: loadStage({ stage: name }).settings,
    idle: idleMonth(resourcesOf(name)),
  }));
  const idle = Object.fromEntries(stages.map((stage) => [stage.name, stage.idle]));
  return [
    { path: 'docs/cost.md', text: costPage(stages) },
    { path: 'lib/cost/idle.json', text: `${JSON.stringify(idle, undefined, 2)}\n` },
    { path: 'README.md', text: withBlock('README.md', 'cost', readmeTable(stages)) },
    {
      path: 'docs/scale.md',
      text: inBlock(
        'docs/scale.md',
        withBlock('docs/scale.md', 'scale', scaleTable()),
        `${COMMAND} (scale cost)`,
        scaleCosts(),
      ),
    },
  ];
}

const COMMAND = 'npm run cost';

const withBlock = (path: string, name: string, text: string): string =>
  inBlock(path, readFileSync(join(ROOT, path), 'utf8'), `${COMMAND} (${name})`, text);
