import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import type { Stage } from '../config.ts';
import { StreamProcessor } from '../constructs/stream-processor.ts';
import { given } from '../given.ts';
import { pascal, STATELESS_OUTPUTS } from './outputs.ts';
import type { StatefulStack } from './stateful-stack.ts';
import { synthesizer } from './synthesizer.ts';

export interface StatelessStackProps extends StackProps {
  readonly stage: Stage;
  readonly systems: readonly SystemManifest[];
  readonly stateful: StatefulStack;
  /** Code that is already built, instead of each system's bundle. */
  readonly code?: Code;
}

/** Everything that can be thrown away and deployed again: functions, mappings, alarms and dashboards. */
export class StatelessStack extends Stack {
  /** By system. */
  readonly processors: ReadonlyMap<string, StreamProcessor>;

  constructor(scope: Construct, id: string, props: StatelessStackProps) {
    super(scope, id, {
      ...props,
      synthesizer: synthesizer(),
    });
    this.processors = new Map(props.systems.map((system) => [system.name, this.processor(system, props)]));
  }

  private processor(system: SystemManifest, { stage, stateful, code }: StatelessStackProps): StreamProcessor {
    const { settings } = stage;
    const state = found(stateful.systems, system.name);
    const processor = new StreamProcessor(this, pascal(system.name), {
      system,
      source: found(stateful.streams, system.inputStream),
      outputs: Object.fromEntries(system.outputStreams.map((name) => [name, found(stateful.streams, name).stream])),
      alertQueues: Object.fromEntries(system.alertQueues.map((name) => [name, found(stateful.alertQueues, name)])),
      stateTable: state.table.table,
      checkpointTable: state.checkpoints.table,
      deadLetters: state.deadLetters,
      onFailureQueue: state.onFailureQueue,
      mapping: {
        batchSize: settings.batchSize,
        batchingWindow: Duration.seconds(settings.batchingWindowSeconds),
        ...given<{ parallelizationFactor: number }>({ parallelizationFactor: settings.parallelizationFactor }),
      },
      memoryMb: settings.memoryMb,
      timeout: Duration.seconds(settings.timeoutSeconds),
      logRetention: settings.logRetentionDays,
      replay: settings.replay,
      ...given<{ code: Code }>({ code }),
    });
    new CfnOutput(this, STATELESS_OUTPUTS.functionName(system.name), { value: processor.function.functionName });
    new CfnOutput(this, STATELESS_OUTPUTS.mappingId(system.name), { value: processor.mappingId });
    return processor;
  }
}

function found<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined)
    throw new Error(`${name} is not in the stateful stack; it has: ${[...things.keys()].join(', ')}`);
  return thing;
}
