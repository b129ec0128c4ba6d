import { type App, Validations } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { checkRegistry, type Registry } from '../check-registry.ts';
import { loadStage } from '../config.ts';
import { given } from '../given.ts';
import { statefulStackName, statelessStackName } from './outputs.ts';
import { StatefulStack } from './stateful-stack.ts';
import { StatelessStack } from './stateless-stack.ts';

export interface StageOptions {
  /** Code that is already built, instead of each system's bundle. */
  readonly code?: Code;
}

/**
 * Both stacks of the stage that the app's context names, checked by cdk-nag when the app is synthesized.
 * @throws ConfigError for a setting or a registry that cannot be deployed.
 */
export function addStage(app: App, registry: Registry, options: StageOptions = {}) {
  const stage = loadStage(app.node.getAllContext());
  const { account, region, parallelizationFactor } = stage.settings;
  checkRegistry(registry, parallelizationFactor);
  const env = given<{ account: string; region: string }>({ account, region });
  const stateful = new StatefulStack(app, statefulStackName(stage.name), { ...registry, stage, env });
  const stateless = new StatelessStack(app, statelessStackName(stage.name), {
    ...registry,
    ...options,
    stage,
    stateful,
    env,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { stage, stateful, stateless };
}
