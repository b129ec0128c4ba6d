import { z } from 'zod';

/** Kinds of values that settings have. The message of each says what is allowed: errors and docs/settings.md print it. */

/** A whole number within both bounds. */
export const whole = (min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int(allowed).min(min, allowed).max(max, allowed);
};

export const flag = () => z.boolean('true or false');

export const text = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed);

/** One of some words. */
export const oneOf = <const T extends readonly [string, ...string[]]>(...words: T) => z.enum(words, words.join(' or '));

/** An ARN of any partition. */
export const arn = (service: string, resource: RegExp, allowed: string) =>
  text(new RegExp(`^arn:[a-z-]+:${service}:[a-z0-9-]*:\\d{12}:${resource.source}$`), allowed);

/** One text or more; on the command line as JSON. */
export const texts = (pattern: RegExp, allowed: string) => {
  const all = `a list of ${allowed}, such as ["a","b"]`;
  return z.array(text(pattern, all), all).min(1, all);
};

/** Kebab-case names of systems and streams. */
export const NAME = /^[a-z][a-z0-9-]*$/;
