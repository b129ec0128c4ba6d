import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  ResourceConflictException,
  ResourceInUseException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import type { Environment } from '../../../lambdas/runtime/ports.ts';
import { CliError } from '../errors.ts';

export type Switch = 'pause' | 'resume';

/** What was done to a mapping. */
export interface Change {
  readonly mappingId: string;
  /** `Enabled` or `Disabled`. */
  readonly state: string;
  /** false: it was so already. */
  readonly changed: boolean;
}

export interface ChangeOptions {
  readonly environment: Pick<Environment, 'now' | 'sleep'>;
  readonly signal: AbortSignal;
  /** Told of each state on the way. */
  onState(state: string): void;
}

const POLL_MS = 1_000;
/** A mapping takes about a minute; one that takes so long is stuck. */
const PATIENCE_MS = 5 * 60_000;

const GOAL = { pause: 'Disabled', resume: 'Enabled' } as const;
/** States that become the goal by themselves. */
const ON_THE_WAY = { pause: 'Disabling', resume: 'Enabling' } as const;

/**
 * Disables or enables an event source mapping, and waits until it is so. What is under way ends first: Lambda takes no change of a mapping
 * that is still changing.
 *
 * @throws CliError after five minutes; the signal's reason; whatever Lambda answers.
 */
export async function changeMapping(
  lambda: LambdaClient,
  mappingId: string,
  to: Switch,
  { environment, signal, onState }: ChangeOptions,
): Promise<Change> {
  const send = { abortSignal: signal };
  const untilMs = environment.now() + PATIENCE_MS;
  let changed = false;
  let last = '';
  for (;;) {
    const { State = 'unknown' } = await lambda.send(new GetEventSourceMappingCommand({ UUID: mappingId }), send);
    if (State === GOAL[to]) return { mappingId, state: State, changed };
    if (State !== last) onState(State);
    last = State;
    if (isSettled(State) && !changed) {
      changed = await update(lambda, mappingId, to, send);
      if (changed) continue;
    }
    // Somebody else has asked for the same.
    if (State === ON_THE_WAY[to]) changed = true;
    if (environment.now() >= untilMs) {
      throw new CliError(
        `the mapping ${mappingId} is still ${State} after ${PATIENCE_MS / 60_000} minutes; look at it in Lambda`,
      );
    }
    await environment.sleep(POLL_MS, signal);
  }
}

const isSettled = (state: string): boolean => state === 'Enabled' || state === 'Disabled';

/** @returns false if the mapping began to change in between. */
async function update(
  lambda: LambdaClient,
  mappingId: string,
  to: Switch,
  send: { readonly abortSignal: AbortSignal },
): Promise<boolean> {
  try {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID: mappingId, Enabled: to === 'resume' }), send);
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException || error instanceof ResourceConflictException) return false;
    throw error;
  }
}
