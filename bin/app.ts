import { existsSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { streams, systems } from '../lambdas/systems/registry.ts';
import { loadStage } from '../lib/config.ts';
import { given } from '../lib/given.ts';
import { statefulStackName, statelessStackName } from '../lib/stacks/outputs.ts';
import { StatefulStack } from '../lib/stacks/stateful-stack.ts';
import { StatelessStack } from '../lib/stacks/stateless-stack.ts';

const app = new App();
const stage = loadStage(app.node.getAllContext());
const env = given<{ account: string; region: string }>({
  account: stage.settings.account,
  region: stage.settings.region,
});
const stateful = new StatefulStack(app, statefulStackName(stage.name), { stage, streams, systems, env });
const built = systems.every((system) => existsSync(`${import.meta.dirname}/../${system.entry}`));
new StatelessStack(app, statelessStackName(stage.name), {
  stage,
  systems,
  stateful,
  env,
  ...(built ? {} : { code: Code.fromInline('export const handler = () => { throw new Error("not built"); };') }),
});
