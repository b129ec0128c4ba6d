import { setTimeout as delay } from 'node:timers/promises';
import { profileView } from '../../../lambdas/systems/profiles/view.ts';
import { CliError, EXIT } from '../errors.ts';
import { plural } from '../format.ts';
import { type Output, printable } from '../output.ts';
import { connect } from './connect.ts';
import { foundProfile, type ListedSegment } from './model.ts';
import { type Item, itemOf, itemsOfSegment } from './queries.ts';
import { describeProfile, describeProfiles } from './show.ts';

export interface ProfileOptions {
  readonly stage: string;
  readonly json: boolean;
}

export interface GetOptions extends ProfileOptions {
  /** Seconds to wait for a profile that is not there yet. Default: 0. */
  readonly wait?: number;
}

/** A batch is folded within a second or two. */
const LOOK_MS = 250;

/** `profile get`. @returns 1 if there is no such profile. Throws the signal's reason if it aborts while it waits. */
export async function getProfile(
  id: string,
  { stage, json, wait = 0 }: GetOptions,
  output: Output,
  signal?: AbortSignal,
): Promise<number> {
  using table = await connect(stage);
  const endMs = Date.now() + wait * 1000;
  let item = await reached(stage, () => itemOf(table, id));
  while (item === undefined && Date.now() < endMs) {
    await delay(LOOK_MS, undefined, { ...(signal ? { signal } : {}) });
    item = await reached(stage, () => itemOf(table, id));
  }
  if (item === undefined) {
    output.log(`There is no profile ${printable(id)} in stage ${stage}`);
    return EXIT.failed;
  }
  output.result(json ? JSON.stringify(profileView(item)) : describeProfile(foundProfile(item)));
  return EXIT.ok;
}

export interface ListOptions extends ProfileOptions {
  readonly segment: ListedSegment;
  readonly limit: number;
}

/** `profile list`: an empty segment is a result. */
export async function listProfiles(options: ListOptions, output: Output): Promise<number> {
  const { stage, segment, limit, json } = options;
  using table = await connect(stage);
  const items: readonly Item[] = await reached(stage, () => itemsOfSegment(table, segment, limit));
  if (json) output.result(JSON.stringify(items.map(profileView)));
  else if (items.length > 0) output.result(describeProfiles(items.map(foundProfile)));
  output.log(
    `${plural(items.length, 'profile')} in segment ${segment}${items.length === limit ? ', as many as asked for' : ''}`,
  );
  return EXIT.ok;
}

/** A process may have taken the number of a local cloud that is gone. */
async function reached<T>(stage: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Stage ${stage} cannot be read: ${reason || 'no answer'}`, { cause: error });
  }
}
