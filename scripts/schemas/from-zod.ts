import * as z from 'zod';
import { dataSchemaOf } from '../../lambdas/core/event.ts';
import { PERSONAL_DATA } from '../../lambdas/core/personal-data.ts';
import type { Json, JsonSchema } from './json.ts';

/** A zod schema that no JSON Schema says the same as: what it would leave out, nobody could rely on. */
export class Unpublishable extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'Unpublishable';
    this.problems = problems;
  }
}

/** Kinds of zod schemas of which JSON Schema says all. */
const KINDS: ReadonlySet<string> = new Set([
  ...['string', 'number', 'boolean', 'null', 'literal', 'enum', 'template_literal', 'any', 'unknown', 'never'],
  ...['array', 'tuple', 'object', 'record', 'union', 'intersection', 'lazy'],
  ...['optional', 'nullable', 'default', 'prefault', 'readonly'],
]);

/** Checks of which JSON Schema says all. */
const CHECKS: ReadonlySet<string> = new Set([
  ...['min_length', 'max_length', 'length_equals', 'less_than', 'greater_than', 'multiple_of', 'number_format'],
  'string_format',
]);

/** Formats that zod names and JSON Schema knows as a pattern only. */
const PATTERNS_ONLY: ReadonlySet<Json | undefined> = new Set([
  ...['regex', 'includes', 'starts_with', 'ends_with', 'lowercase', 'uppercase'],
]);

/**
 * The JSON Schema (draft-07, which is what AWS Glue reads) of data as a producer may send them: members with a default may be missing.
 * Refinements, of which it can only tell the message, are listed as `x-refinements`; marks of personal data as `pii`.
 *
 * @throws Unpublishable with every place that JSON Schema cannot express.
 */
export function jsonSchemaOf(schema: z.ZodType, type: string, version: number, description: string): JsonSchema {
  const problems: string[] = [];
  const { $schema, ...body } = toJson(schema, problems);
  if (problems.length > 0) throw new Unpublishable(problems);
  const head = { $schema, $id: dataSchemaOf(type, version), title: `${type}, version ${version}`, description };
  return JSON.parse(JSON.stringify({ ...head, ...body }));
}

function toJson(schema: z.ZodType, problems: string[]): Record<string, unknown> {
  try {
    return z.toJSONSchema(schema, {
      target: 'draft-7',
      io: 'input',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema, path }) => {
        const report = (problem: string): void => {
          problems.push(`${pathOf(path)}: ${problem}`);
        };
        if (PATTERNS_ONLY.has(jsonSchema.format)) delete jsonSchema.format;
        const refinements = refinementsOf(zodSchema, report);
        if (refinements.length > 0) jsonSchema['x-refinements'] = refinements;
        const mark = jsonSchema.pii;
        if (mark !== undefined && !PERSONAL_DATA.some((known) => known === mark)) {
          report(`pii is ${JSON.stringify(mark)}; known are ${PERSONAL_DATA.join(', ')}`);
        }
      },
    });
  } catch (error) {
    throw new Unpublishable([error instanceof Error ? error.message : String(error)]);
  }
}

/** `lines[*].quantity` for `properties.lines.items.properties.quantity`. */
const pathOf = (path: readonly (string | number)[]): string =>
  path.length === 0
    ? 'the data'
    : `/${path.join('/')}`.replaceAll('/properties/', '.').replaceAll('/items', '[*]').replace(/^\./, '');

/** Messages of the rules in code; reports what could not even be told of. */
function refinementsOf(schema: z.core.$ZodTypes, report: (problem: string) => void): readonly string[] {
  const { def } = schema._zod;
  if (!KINDS.has(def.type)) report(`${def.type} changes data or has no form in JSON; use plain types`);
  if (def.type === 'default') checkDefault(def, report);
  if ('coerce' in def && def.coerce === true) report('coercion takes what the schema does not say; use plain types');
  if (def.type === 'record' && !['string', 'enum', 'literal', 'template_literal'].includes(def.keyType._zod.def.type)) {
    report('keys of a record that are no texts');
  }
  const own = 'check' in def ? [def as z.core.$ZodCheckDef] : [];
  const checks = [...own, ...(def.checks ?? []).map((check) => check._zod.def)];
  return checks.flatMap((check) => {
    if (check.check === 'custom') return [messageOf(check, report)];
    if (!CHECKS.has(check.check)) report(`the check ${check.check} has no form in JSON Schema`);
    if ('pattern' in check && check.pattern instanceof RegExp && check.pattern.flags.replace(/[uv]/, '') !== '') {
      report(`the pattern ${check.pattern} has flags, which JSON Schema cannot express`);
    }
    const { hostname, protocol } = check as { readonly hostname?: unknown; readonly protocol?: unknown };
    if (hostname !== undefined || protocol !== undefined)
      report('a URL with a rule for host or protocol; use a pattern');
    return [];
  });
}

function messageOf(check: z.core.$ZodCheckDef, report: (problem: string) => void): string {
  const issue = { code: 'custom', input: undefined, path: [], message: '' } as const;
  const told = check.error?.(issue as never);
  const message = typeof told === 'string' ? told : told?.message;
  if (message === undefined) report('a refinement without a message: say what it demands');
  const path = 'path' in check && Array.isArray(check.path) ? check.path.join('.') : '';
  return path === '' ? String(message) : `${path}: ${message}`;
}

function checkDefault(def: z.core.$ZodDefaultDef, report: (problem: string) => void): void {
  if (!z.core.safeParse(def.innerType, def.defaultValue).success) report('its default does not satisfy its own schema');
}
