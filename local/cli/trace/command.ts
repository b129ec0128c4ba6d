import type { ReadPosition } from '../../esm/protocol.ts';
import { EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { redriveClients } from '../redrive/stage.ts';
import { type Code, thisCheckout } from '../redrive/system.ts';
import { stageOutputs } from '../stage-output.ts';
import { stageClients } from '../status/clients.ts';
import { newMask, noMask } from '../tail/mask.ts';
import { Follower } from './follow.ts';
import { placeOf } from './place.ts';
import { describeHop, describeHops, describeNothing, hopJson } from './show.ts';

export interface TraceOptions {
  readonly stage: string;
  readonly subject?: string;
  /** Epoch milliseconds. Default: all that the local streams keep, and an hour of others. */
  readonly since?: number;
  readonly hops: number;
  readonly json: boolean;
  readonly unmask: boolean;
}

/** A stream of a stage in AWS may hold more than anybody would wait for. */
const SERVICE_MS = 3_600_000;

/** Shows where an event is, what its rows know of it, and what followed from it. @returns 1 if no stream holds it. */
export async function trace(
  eventId: string,
  options: TraceOptions,
  output: Output,
  signal: AbortSignal,
  code: Code = thisCheckout,
): Promise<number> {
  const outputs = await stageOutputs(options.stage);
  const isLocal = outputs.local !== undefined;
  const sinceMs = options.since ?? (isLocal ? undefined : Date.now() - SERVICE_MS);
  const from: ReadPosition =
    sinceMs === undefined ? { kind: 'TRIM_HORIZON' } : { kind: 'AT_TIMESTAMP', timestampMs: sinceMs };
  using clients = redriveClients(outputs.local);
  using others = stageClients(outputs.local);
  const place = placeOf(code, clients, () => others.logs, outputs);
  const onPhase = (what: string): void => output.phase(what);
  const follower = new Follower({ place, from, hops: options.hops, signal, onPhase });
  const hops = await follower.follow(eventId, options.subject);
  output.status('');
  signal.throwIfAborted();
  const words = { mask: options.unmask ? noMask : newMask() };
  if (options.json) output.result(JSON.stringify(hops.map((hop) => hopJson(hop, words))));
  else for (const hop of hops) output.result(describeHop(hop, words));
  if (hops.length > 0) {
    output.log(`Followed over ${describeHops(hops)}`);
    return EXIT.ok;
  }
  output.log(describeNothing(eventId, sinceMs === undefined ? 'the horizon' : new Date(sinceMs).toISOString()));
  return EXIT.failed;
}
