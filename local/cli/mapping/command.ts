import type { Environment } from '../../../lambdas/runtime/ports.ts';
import { systemEnvironment } from '../environment.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { stageOutputs } from '../stage-output.ts';
import { type StageClients, stageClients } from '../status/clients.ts';
import { readLag } from '../status/lag.ts';
import type { LagStatus } from '../status/model.ts';
import { placeOf, type StagePlace, type SystemPlace } from '../status/place.ts';
import { whyNot } from '../status/section.ts';
import { stageOption } from '../status/show.ts';
import { type Change, changeMapping, type Switch } from './change.ts';
import { describeChange } from './show.ts';

export interface MappingOptions {
  readonly stage: string;
  readonly json: boolean;
}

/** What `--json` prints. */
export interface MappingResult extends Change {
  readonly stage: string;
  readonly system: string;
  /** How long unread events are still kept; absent if it could not be found out, which the log says. */
  readonly lag?: LagStatus;
}

/**
 * Pauses or resumes a system: disables or enables its event source mapping, waits until that is done, and says how long unread events are
 * still kept. Doing it twice changes nothing.
 *
 * @throws CliError if there is no such system, or Lambda refuses.
 */
export async function switchMapping(
  to: Switch,
  system: string,
  { stage, json }: MappingOptions,
  output: Output,
  signal: AbortSignal,
  environment: Pick<Environment, 'now' | 'sleep'> = systemEnvironment,
): Promise<number> {
  const outputs = await stageOutputs(stage);
  const place = { ...systemOf(placeOf(outputs), system), stage };
  using clients = stageClients(outputs.local);
  const change = await changed(to, place, clients, environment, output, signal);
  const iterators = outputs.local === undefined ? 'service' : 'kinesalite';
  const lag = await lagOf(() => readLag(clients, place, iterators, environment.now()), output);
  const result: MappingResult = { stage, system, ...change, ...(lag === undefined ? {} : { lag }) };
  output.result(json ? JSON.stringify(result) : describeChange(result));
  return EXIT.ok;
}

function systemOf({ stage, systems }: StagePlace, system: string): SystemPlace {
  const place = systems.find((candidate) => candidate.system === system);
  if (place !== undefined) return place;
  const known = systems.map((candidate) => candidate.system).join(', ');
  throw new CliError(`Stage ${stage} has no system ${system}; it has: ${known}`);
}

async function changed(
  to: Switch,
  { system, mappingId, stage }: SystemPlace & { readonly stage: string },
  { lambda }: StageClients,
  environment: Pick<Environment, 'now' | 'sleep'>,
  output: Output,
  signal: AbortSignal,
): Promise<Change> {
  const onState = (state: string): void => output.phase(`The mapping of ${system} is ${state} …`);
  try {
    return await changeMapping(lambda, mappingId, to, { environment, signal, onState });
  } catch (error) {
    if (signal.aborted) {
      output.log(
        `Lambda goes on with what it was asked for: npx millrace status${stageOption(stage)} shows what the mapping is`,
      );
      throw signal.reason;
    }
    const what = to === 'pause' ? 'paused' : 'resumed';
    throw new CliError(`System ${system} could not be ${what}: ${whyNot(error)}`, { cause: error });
  } finally {
    output.status('');
  }
}

/** The switch is done by then: what cannot be read afterwards is said and undoes nothing. */
async function lagOf(read: () => Promise<LagStatus>, output: Output): Promise<LagStatus | undefined> {
  try {
    return await read();
  } catch (error) {
    output.log(`How long unread events are still kept could not be found out: ${whyNot(error)}`);
    return undefined;
  }
}
