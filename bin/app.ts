import { existsSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { streams, systems } from '../lambdas/systems/registry.ts';
import { addStage } from '../lib/stacks/stage.ts';

const built = systems.every((system) => existsSync(`${import.meta.dirname}/../${system.entry}`));
addStage(
  new App(),
  { streams, systems },
  built ? {} : { code: Code.fromInline('export const handler = () => { throw new Error("not built"); };') },
);
