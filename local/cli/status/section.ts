import { CliError } from '../errors.ts';
import type { Section } from './model.ts';

/** What can be read, or why not. */
export async function section<T>(read: () => Promise<readonly T[]>): Promise<Section<T>> {
  try {
    return { items: await read() };
  } catch (error) {
    return { error: whyNot(error) };
  }
}

/** What can be read of each, and of which it cannot be, and why. */
export async function sectionOfEach<T, R>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  read: (thing: T) => Promise<R>,
): Promise<Section<R>> {
  const results = await Promise.allSettled(things.map(read));
  const items = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const errors = results.flatMap((result, nth) => {
    const thing = things[nth];
    return result.status === 'fulfilled' || thing === undefined ? [] : [`${nameOf(thing)}: ${whyNot(result.reason)}`];
  });
  if (errors.length === 0) return { items };
  const error = errors.join('; ');
  return items.length === 0 ? { error } : { items, error };
}

/** One line: the service's own words, which name the missing permission, or the endpoint that does not answer. */
export function whyNot(error: unknown): string {
  if (error instanceof CliError) return error.message;
  // Node gathers one failure for each address that it tried.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(whyNot))].join('; ') || 'no answer';
  if (!(error instanceof Error)) return String(error);
  const text = error.message || (error.cause === undefined ? 'no answer' : whyNot(error.cause));
  return error.name === 'Error' ? text : `${error.name}: ${text}`;
}
