import type * as z from 'zod';

/** How many issues of one event are named. */
const MOST = 5;

/**
 * Where data break their schema and how, without the values, which may be personal. That goes for the names of members too where the
 * data choose them, as in records: only names that the schema itself declares are shown, the others as `*`. Messages are those of the
 * schema, which must not quote what they are about.
 */
export function describeIssues(error: z.ZodError, schema: z.ZodType): readonly string[] {
  const declared = declaredNames(schema);
  const stepOf = (step: PropertyKey): string =>
    typeof step === 'number' || (typeof step === 'string' && declared.has(step)) ? String(step) : '*';
  return error.issues.slice(0, MOST).map((issue) => {
    const path = issue.path.length === 0 ? '(event)' : issue.path.map(stepOf).join('.');
    return `${path}: ${sentenceOf(issue)}`;
  });
}

const sentenceOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys' ? `${issue.keys.length} unknown members` : issue.message;

const namesBySchema = new WeakMap<z.ZodType, ReadonlySet<string>>();

/** Names of the members of all objects in a schema. */
function declaredNames(schema: z.ZodType): ReadonlySet<string> {
  const known = namesBySchema.get(schema);
  if (known !== undefined) return known;
  const names = new Set<string>();
  collectNames(schema, names, new Set());
  namesBySchema.set(schema, names);
  return names;
}

/** A definition holds its inner schemas as members, in lists (unions) or by name (the shape of an object). */
function collectNames(part: unknown, names: Set<string>, visited: Set<object>): void {
  if (typeof part !== 'object' || part === null || visited.has(part)) return;
  visited.add(part);
  if (Array.isArray(part)) for (const one of part) collectNames(one, names, visited);
  const def: unknown = '_zod' in part ? (part as z.core.$ZodType)._zod.def : undefined;
  if (typeof def !== 'object' || def === null) return;
  for (const [member, inner] of Object.entries(def)) {
    if (member === 'shape') {
      for (const [name, one] of Object.entries(inner as object)) {
        names.add(name);
        collectNames(one, names, visited);
      }
    } else collectNames(inner, names, visited);
  }
}
