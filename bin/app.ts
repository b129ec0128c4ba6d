import { App } from 'aws-cdk-lib';
import { streams, systems } from '../lambdas/systems/registry.ts';
import { addStage } from '../lib/stacks/stage.ts';

addStage(new App(), { streams, systems });
