import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SystemManifest } from '../../../lambdas/core/manifest.ts';
import { adapterOf } from '../../../lambdas/runtime/adapters/index.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import { STATEFUL_OUTPUTS, STATELESS_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { kinesisSource } from '../../esm/kinesis-source.ts';
import type { ReadPosition } from '../../esm/protocol.ts';
import { CliError } from '../errors.ts';
import type { RedriveClients } from '../redrive/stage.ts';
import { type Code, resourcesOf } from '../redrive/system.ts';
import type { StageOutputs } from '../stage-output.ts';
import type { Log } from './logged.ts';
import type { Scan } from './scan.ts';

/** A stage as a trace sees it. */
export interface Place {
  readonly code: Code;
  readonly clients: RedriveClients;
  readonly outputs: StageOutputs;
  readonly documents: DynamoDBDocumentClient;
  /** @throws CliError if the local cloud that is up has none. */
  readonly logs: () => CloudWatchLogsClient;
  /** A shard gives 5 reads a second to all its readers together; the local one does not count. */
  readonly pauseMs: number;
}

const SERVICE_PAUSE_MS = 250;

export const placeOf = (code: Code, clients: RedriveClients, logs: Place['logs'], outputs: StageOutputs): Place => ({
  code,
  clients,
  outputs,
  documents: clients.documents,
  logs,
  pauseMs: outputs.local === undefined ? SERVICE_PAUSE_MS : 0,
});

/** How a stream is looked through. @throws CliError if the stage has no such stream. */
export function scanOf(
  { code, clients, outputs, pauseMs }: Place,
  name: string,
  from: ReadPosition,
  signal: AbortSignal,
): Scan {
  const stream = code.streams.find((one) => one.name === name);
  const streamName = outputs.stateful[STATEFUL_OUTPUTS.streamName(name)];
  if (stream === undefined || streamName === undefined)
    throw new CliError(`Stage ${outputs.stage} has no stream ${name}`);
  return {
    source: kinesisSource(clients.kinesis, streamName, outputs.local === undefined ? 'service' : 'kinesalite'),
    reading: {
      stream: name,
      catalogue: code.catalogue,
      handled: new Set(code.catalogue.keys()),
      kplProducers: stream.kplProducers,
      futureToleranceMs: DEFAULTS.futureToleranceMs,
      replayMode: false,
      ...(stream.adapter === undefined ? {} : { adapter: adapterOf(stream.adapter) }),
    },
    from,
    pauseMs,
    signal,
  };
}

/** Systems of the stage that read a stream. */
export const readersOf = ({ code }: Place, stream: string): readonly SystemManifest[] =>
  code.systems.filter(({ inputStream }) => inputStream === stream);

export const resources = ({ outputs }: Place, manifest: SystemManifest) => resourcesOf(outputs, manifest);

/** Where a system's log is. @throws CliError if the stage was deployed by a version that does not say so. */
export function logOf({ logs, outputs }: Place, { name }: SystemManifest): Log {
  const logGroup = outputs.stateless[STATELESS_OUTPUTS.logGroupName(name)];
  if (logGroup === undefined) {
    throw new CliError(`stage ${outputs.stage} does not name the log of ${name}: deploy it with this version`);
  }
  return { client: logs(), logGroup, system: name };
}
