import { streams, systems } from '../../../lambdas/systems/registry.ts';
import { STATEFUL_OUTPUTS, STATELESS_OUTPUTS, statelessStackName } from '../../../lib/stacks/outputs.ts';
import { CliError } from '../errors.ts';
import type { StageOutputs } from '../stage-output.ts';

/** Physical names of a system's parts. */
export interface SystemPlace {
  readonly system: string;
  /** Logical and physical name of the stream that it reads. */
  readonly stream: string;
  readonly streamName: string;
  readonly functionName: string;
  readonly mappingId: string;
  readonly checkpointTable: string;
  readonly deadLetterQueueUrl: string;
  readonly onFailureQueueUrl: string;
}

/** Where things of a stage are. */
export interface StagePlace {
  readonly stage: string;
  readonly streams: readonly { readonly stream: string; readonly name: string }[];
  readonly systems: readonly SystemPlace[];
  /** CloudFormation names alarms after their stack. */
  readonly alarmPrefix: string;
}

/**
 * The streams and systems that a stage has, as far as this version knows them.
 *
 * @throws CliError if it has none.
 */
export function placeOf({ stage, stateful, stateless }: StageOutputs): StagePlace {
  const found = systems.flatMap(({ name, inputStream }): SystemPlace[] => {
    const parts = {
      streamName: stateful[STATEFUL_OUTPUTS.streamName(inputStream)],
      functionName: stateless[STATELESS_OUTPUTS.functionName(name)],
      mappingId: stateless[STATELESS_OUTPUTS.mappingId(name)],
      checkpointTable: stateful[STATEFUL_OUTPUTS.checkpointTableName(name)],
      deadLetterQueueUrl: stateful[STATEFUL_OUTPUTS.deadLetterQueueUrl(name)],
      onFailureQueueUrl: stateful[STATEFUL_OUTPUTS.onFailureQueueUrl(name)],
    };
    return isWhole(parts) ? [{ system: name, stream: inputStream, ...parts }] : [];
  });
  if (found.length === 0) {
    const known = systems.map(({ name }) => name).join(', ');
    throw new CliError(
      `Stage ${stage} has none of the systems ${known}: deploy both of its stacks with this version first`,
    );
  }
  return {
    stage,
    streams: streams.flatMap(({ name: stream }) => {
      const name = stateful[STATEFUL_OUTPUTS.streamName(stream)];
      return name === undefined ? [] : [{ stream, name }];
    }),
    systems: found,
    alarmPrefix: `${statelessStackName(stage)}-`,
  };
}

type Whole<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

const isWhole = <T extends object>(parts: T): parts is T & Whole<T> =>
  Object.values(parts).every((part) => part !== undefined);
