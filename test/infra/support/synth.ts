import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import { streams, systems } from '../../../lambdas/systems/registry.ts';
import type { Registry } from '../../../lib/check-registry.ts';
import { addStage } from '../../../lib/stacks/stage.ts';
import { Templates } from './templates.ts';

/** Whatever this project has. */
export const realRegistry: Registry = { streams, systems };

/** What the tests of templates name: a system that is added has its own, and breaks none of these. */
export const profilesRegistry: Registry = {
  streams: streams.filter(({ name }) => profiles.inputStream === name || profiles.outputStreams.includes(name)),
  systems: [profiles],
};

const flags: Record<string, unknown> = JSON.parse(
  readFileSync(`${import.meta.dirname}/../../../cdk.json`, 'utf8'),
).context;

const out = mkdtempSync(join(tmpdir(), 'millrace-infra-'));
afterAll(() => rmSync(out, { recursive: true }));

/** An app with the feature flags of cdk.json and `-c` arguments, as the CDK CLI would start it. */
export function newApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({
    outdir: mkdtempSync(join(out, 'app-')),
    context: { ...flags, 'aws:cdk:enable-path-metadata': true, ...context },
  });
}

/** Stands for a bundle where a test asks nothing about code. */
export const noCode = Code.fromInline('export const handler = () => {};');

/** Both templates of a stage, without bundling and without CDK's own template rules, which take two seconds: cdk-nag's test runs those. */
export function synthesize(
  context: Readonly<Record<string, unknown>> = {},
  registry: Registry = profilesRegistry,
): Templates {
  process.env.CDK_VALIDATION = 'false';
  const app = newApp(context);
  const { stateful, stateless } = addStage(app, registry, { code: noCode });
  const assembly = app.synth();
  return new Templates(
    assembly.getStackByName(stateful.stackName).template,
    assembly.getStackByName(stateless.stackName).template,
  );
}
