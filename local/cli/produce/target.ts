import { kinesisRecords, type PutRecords, producerClient } from '../../../lambdas/producer/index.ts';
import { streams } from '../../../lambdas/systems/registry.ts';
import { STATEFUL_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { CliError } from '../errors.ts';
import { localConfig } from '../send/send.ts';
import { stageOutput } from '../stage-output.ts';

/** A stream to send to. */
export interface Target extends Disposable {
  /** Its physical name. */
  readonly name: string;
  readonly put: PutRecords;
}

/** Logical names of the streams that a stage has. */
export const STREAMS: readonly string[] = streams.map(({ name }) => name);

/**
 * A stream of a stage: of the local cloud that is up, or, for any other stage, in AWS, with credentials and region as every AWS tool finds them.
 *
 * @param stream its logical name.
 * @throws CliError if there is no such stream, no local cloud is up, or AWS has no such stack.
 */
export async function targetOf(stage: string, stream: string): Promise<Target> {
  if (!STREAMS.includes(stream)) {
    throw new CliError(`There is no stream ${stream}; those of a stage are ${STREAMS.join(', ')}`);
  }
  const { value: name, local } = await stageOutput(stage, STATEFUL_OUTPUTS.streamName(stream));
  const client = producerClient(local === undefined ? {} : localConfig(local.endpoints.kinesis, local.region));
  return { name, put: kinesisRecords(client, name), [Symbol.dispose]: () => client.destroy() };
}
