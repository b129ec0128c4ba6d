import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import { STATEFUL_OUTPUTS, statefulStackName } from '../../../lib/stacks/outputs.ts';

/** The stage that the local cloud runs. */
export const LOCAL_STAGE = 'local';

/** Physical names of what the profiles system uses. */
export interface ProfilesSystem {
  readonly stream: string;
  readonly table: string;
  readonly checkpointTable: string;
  readonly deadLetterQueueUrl: string;
}

/** @param output the value of an output of a stack. */
export function profilesSystem(output: (stack: string, key: string) => string, stage = LOCAL_STAGE): ProfilesSystem {
  const stack = statefulStackName(stage);
  return {
    stream: output(stack, STATEFUL_OUTPUTS.streamName(profiles.inputStream)),
    table: output(stack, STATEFUL_OUTPUTS.tableName(profiles.name)),
    checkpointTable: output(stack, STATEFUL_OUTPUTS.checkpointTableName(profiles.name)),
    deadLetterQueueUrl: output(stack, STATEFUL_OUTPUTS.deadLetterQueueUrl(profiles.name)),
  };
}
