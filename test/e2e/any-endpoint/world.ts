import type { Clients } from './clients.ts';
import type { Settings } from './deployment.ts';
import type { StageOutputs } from './stage.ts';
import type { Target } from './target.ts';

/** What scenarios have: a deployed stage, and ways to it. */
export interface World {
  readonly target: Target;
  readonly clients: Clients;
  readonly outputs: StageOutputs;
  readonly signal: AbortSignal;
  /** Part of every user's id, so that runs do not meet. */
  readonly run: string;
  /** Deploys the stage again with these settings above its own. */
  redeploy(settings: Settings): Promise<void>;
}

/** A sentence about the stage, and what shows that it is true. */
export interface Scenario {
  readonly name: string;
  /** Resolves if it is true, or with what the endpoint lacks to show it. */
  run(world: World): Promise<Lack | undefined>;
}

/** Something that the endpoint has not. */
export interface Lack {
  readonly lacks: string;
}

/** How long anything may take from the stream to the table: emulators start containers for functions. */
export const PATIENCE_SECONDS = 120;
