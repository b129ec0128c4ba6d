import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { streams, systems } from '../../lambdas/systems/registry.ts';
import type { PricedResource } from '../../lib/cost/idle.ts';
import { addStage } from '../../lib/stacks/stage.ts';

const CDK_JSON = join(import.meta.dirname, '../../cdk.json');

/** Every resource of a stage's templates. Functions are not bundled: their code costs nothing. */
export function resourcesOf(stage: string): readonly PricedResource[] {
  const outdir = mkdtempSync(join(tmpdir(), 'millrace-cost-'));
  try {
    const { context } = JSON.parse(readFileSync(CDK_JSON, 'utf8'));
    const app = new App({ outdir, context: { ...context, stage } });
    addStage(app, { streams, systems }, { code: Code.fromInline('export const handler = () => {};') });
    return app.synth().stacks.flatMap(({ template }) => resourcesIn(template));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;
}

const resourcesIn = ({ Resources }: Template): readonly PricedResource[] =>
  Object.values(Resources).map(({ Type, Properties = {} }) => ({ type: Type, properties: Properties }));
