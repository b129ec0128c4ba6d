import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { StreamManifest } from '../../../lambdas/core/manifest.ts';
import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
import { streams } from '../../../lambdas/systems/registry.ts';
import { STATEFUL_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { kinesisSource } from '../../esm/kinesis-source.ts';
import type { ShardSource } from '../../esm/ports.ts';
import { CliError } from '../errors.ts';
import { stageOutput } from '../stage-output.ts';
import { noFormats, registryFormats } from './formats.ts';
import { LOCAL_PACE, type ReadPace, SERVICE_PACE } from './reader.ts';

/** A stream of a stage with the connections to it. */
export interface StreamConnection extends Disposable {
  readonly manifest: StreamManifest;
  readonly source: ShardSource;
  readonly pace: ReadPace;
  /** Read what is no JSON. */
  readonly formats: Formats;
}

/**
 * A stream by its logical name: of the local cloud that is up, or of a stage in AWS.
 *
 * @throws CliError if there is no such stream, no local cloud is up, or AWS has no such stage.
 */
export async function connectStream(stage: string, stream: string): Promise<StreamConnection> {
  const manifest = streams.find(({ name }) => name === stream);
  if (manifest === undefined) {
    throw new CliError(`There is no stream ${stream}; there are: ${streams.map(({ name }) => name).join(', ')}`);
  }
  const { value: streamName, local } = await stageOutput(stage, STATEFUL_OUTPUTS.streamName(stream));
  const client = new KinesisClient({ ...REQUESTS, ...(local === undefined ? {} : localConfig(local)) });
  return {
    manifest,
    source: kinesisSource(client, streamName, local === undefined ? 'service' : 'kinesalite'),
    pace: local === undefined ? SERVICE_PACE : LOCAL_PACE,
    formats: local === undefined ? registryFormats() : noFormats,
    [Symbol.dispose]: () => client.destroy(),
  };
}

/** The tail retries by itself, so that it can say that it waits. */
const REQUESTS: KinesisClientConfig = {
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: 5_000,
    requestTimeout: 15_000,
    throwOnRequestTimeout: true,
  }),
};

const localConfig = (local: {
  readonly region: string;
  readonly endpoints: { readonly kinesis: string };
}): KinesisClientConfig => ({
  endpoint: local.endpoints.kinesis,
  region: local.region,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
