import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { Registry } from '../check-registry.ts';
import { registryOf } from '../check-settings.ts';
import { loadStage, type Settings } from '../config.ts';
import { given } from '../given.ts';
import { leaveOut, without } from '../leave-out.ts';
import { statefulStackName, statelessStackName } from './outputs.ts';
import { StatefulStack } from './stateful-stack.ts';
import { StatelessStack } from './stateless-stack.ts';
import { tag } from './tags.ts';

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
  const { account, region, leaveOut: leftOut = [] } = stage.settings;
  const deployed = without(leftOut, registryOf(stage, registry));
  const env = given<{ account: string; region: string }>({ account, region });
  const stateful = new StatefulStack(app, statefulStackName(stage.name), { ...deployed, stage, env });
  const stateless = new StatelessStack(app, statelessStackName(stage.name), {
    ...deployed,
    ...options,
    stage,
    stateful,
    env,
  });
  for (const stack of [stateful, stateless]) {
    tag(stack, stage);
    bound(stack, stage.settings);
    leaveOut(stack, leftOut);
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { stage, stateful, stateless };
}

function bound(stack: Stack, { permissionsBoundaryArn: arn }: Settings): void {
  if (arn === undefined) return;
  PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyArn(stack, 'PermissionsBoundary', arn));
}
