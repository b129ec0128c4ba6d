import { CfnOutput } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import { outsideStreams } from '../check-settings.ts';
import { AnalystPolicy } from '../constructs/analyst-policy.ts';
import { OperatorPolicy } from '../constructs/operator-policy.ts';
import { ProducerPolicy } from '../constructs/producer-policy.ts';
import type { StreamProcessor } from '../constructs/stream-processor.ts';
import { given } from '../given.ts';
import { found } from './found.ts';
import { pascal, STATELESS_OUTPUTS } from './outputs.ts';
import type { StatelessStack, StatelessStackProps } from './stateless-stack.ts';

/** Policies for people and producers, to be attached to roles of the account: one per stream or system, so that each gives no more than it says. */

export function addProducerPolicies(stack: StatelessStack, { streams, systems, stateful }: StatelessStackProps): void {
  for (const { name } of outsideStreams({ streams, systems })) {
    const source = found(stateful.streams, name);
    const policy = new ProducerPolicy(stack, `${pascal(name)}Producer`, { source });
    new CfnOutput(stack, STATELESS_OUTPUTS.producerPolicyArn(name), { value: policy.managedPolicyArn });
  }
}

interface SystemParts {
  readonly system: SystemManifest;
  readonly processor: StreamProcessor;
  /** Of the REST API's function; undefined if the stage has none. */
  readonly apiLogs: ILogGroup | undefined;
}

export function addSystemPolicies(
  stack: StatelessStack,
  { system, processor, apiLogs }: SystemParts,
  { stateful, stage }: StatelessStackProps,
): void {
  const { table, checkpoints, deadLetters, onFailureQueue } = found(stateful.systems, system.name);
  const id = pascal(system.name);
  const operator = new OperatorPolicy(stack, `${id}Operator`, {
    processor,
    outputs: system.outputStreams.map((name) => found(stateful.streams, name).stream),
    alertQueues: system.alertQueues.map((name) => found(stateful.alertQueues, name)),
    stateTable: table.table,
    checkpointTable: checkpoints.table,
    deadLetters,
    onFailureQueue,
    ...given<{ apiLogs: ILogGroup }>({ apiLogs }),
    stackNames: [stateful.stackName, stack.stackName],
  });
  new CfnOutput(stack, STATELESS_OUTPUTS.operatorPolicyArn(system.name), { value: operator.managedPolicyArn });
  if (system.analysts === undefined) return;
  const analyst = new AnalystPolicy(stack, `${id}Analyst`, {
    system,
    table: table.table,
    personalData: stage.settings.analystsReadPersonalData,
  });
  new CfnOutput(stack, STATELESS_OUTPUTS.analystPolicyArn(system.name), { value: analyst.managedPolicyArn });
}
