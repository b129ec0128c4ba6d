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

/** One line: the service's own words, which name the missing permission, or the endpoint that does not answer. */
export function whyNot(error: unknown): string {
  if (error instanceof CliError) return error.message;
  // Node gathers one failure for each address that it tried.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(whyNot))].join('; ') || 'no answer';
  if (!(error instanceof Error)) return String(error);
  const text = error.message || (error.cause === undefined ? 'no answer' : whyNot(error.cause));
  return error.name === 'Error' ? text : `${error.name}: ${text}`;
}
