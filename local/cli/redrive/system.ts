import type { Catalogue } from '../../../lambdas/core/catalogue.ts';
import type { StreamManifest, SystemManifest } from '../../../lambdas/core/manifest.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import { adapterOf } from '../../../lambdas/runtime/adapters/index.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { processors } from '../../../lambdas/systems/processors.ts';
import { streams, systems } from '../../../lambdas/systems/registry.ts';
import { loadStage } from '../../../lib/config.ts';
import { STATEFUL_OUTPUTS, STATELESS_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { CliError, reasonOf } from '../errors.ts';
import type { StageOutputs } from '../stage-output.ts';
import type { Reading } from './events.ts';
import type { Resources } from './stage.ts';

/** What this checkout knows of systems. */
export interface Code {
  readonly systems: readonly SystemManifest[];
  readonly streams: readonly StreamManifest[];
  readonly processors: readonly Processor<object>[];
  readonly catalogue: Catalogue;
}

export const thisCheckout: Code = { systems, streams, processors, catalogue };

/** A system as tools for on-call see it. */
export interface KnownSystem {
  readonly manifest: SystemManifest;
  readonly processor: Processor<object>;
  /** How the system reads its stream in this stage. */
  readonly reading: Reading;
}

/**
 * @param name undefined: the only system that there is.
 * @throws CliError naming the systems that there are, or the stages.
 */
export function systemNamed(name: string | undefined, stage: string, code: Code): KnownSystem {
  const known = code.systems.map((system) => system.name).join(', ');
  const manifest =
    name === undefined && code.systems.length === 1 ? code.systems[0] : code.systems.find((one) => one.name === name);
  if (manifest === undefined) {
    throw new CliError(
      name === undefined ? `Name a system: ${known}` : `There is no system ${name}; there are: ${known}`,
    );
  }
  const processor = code.processors.find((one) => one.name === manifest.name);
  const stream = code.streams.find((one) => one.name === manifest.inputStream);
  if (processor === undefined || stream === undefined) {
    throw new Error(`System ${manifest.name} has no processor in lambdas/systems/processors.ts, or no stream`);
  }
  return { manifest, processor, reading: readingOf(stream, processor, replayModeOf(stage), code.catalogue) };
}

const readingOf = (
  stream: StreamManifest,
  processor: Processor<object>,
  replayMode: boolean,
  known: Catalogue,
): Reading => ({
  processor: processor.name,
  stream: stream.name,
  catalogue: known,
  handled: new Set(processor.handles.map(({ type }) => type)),
  kplProducers: stream.kplProducers,
  futureToleranceMs: DEFAULTS.futureToleranceMs,
  replayMode,
  ...(stream.adapter === undefined ? {} : { adapter: adapterOf(stream.adapter) }),
});

/** By this checkout's settings. A stage that was deployed with another replay mode must be run from a checkout that says so. */
function replayModeOf(stage: string): boolean {
  try {
    return loadStage({ stage }).settings.replayMode;
  } catch (cause) {
    throw new CliError(reasonOf(cause), { cause });
  }
}

/** @throws CliError naming the output that is not there. */
export function resourcesOf(
  { stage, stateful, stateless }: StageOutputs,
  { name, inputStream }: SystemManifest,
): Resources {
  const output = (outputs: Readonly<Record<string, string>>, key: string): string => {
    const value = outputs[key];
    if (value !== undefined) return value;
    throw new CliError(
      `Stage ${stage} has no output ${key}: deploy it with this version, or start the local cloud anew`,
    );
  };
  const { streamName, tableName, checkpointTableName, deadLetterQueueUrl } = STATEFUL_OUTPUTS;
  return {
    name,
    functionName: output(stateless, STATELESS_OUTPUTS.functionName(name)),
    streamName: output(stateful, streamName(inputStream)),
    table: output(stateful, tableName(name)),
    checkpointTable: output(stateful, checkpointTableName(name)),
    deadLetterQueueUrl: output(stateful, deadLetterQueueUrl(name)),
    deadLetterBucket: output(stateful, STATEFUL_OUTPUTS.deadLetterBucketName(name)),
    onFailureQueueUrl: output(stateful, STATEFUL_OUTPUTS.onFailureQueueUrl(name)),
    outputs: {
      stream: (stream) => output(stateful, streamName(stream)),
      queueUrl: (queue) => output(stateful, STATEFUL_OUTPUTS.alertQueueUrl(queue)),
    },
  };
}
