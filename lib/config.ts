import { type Settings, settingsSchema } from './settings.ts';
import { stageDefaults } from './stages.ts';

export type { Settings } from './settings.ts';

export interface Stage {
  readonly name: string;
  readonly settings: Settings;
}

/** A stage or a setting that cannot be used: says which, what it was, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Context keys without a namespace that belong to the CDK CLI and not to Millrace. */
const CLI_CONTEXT = new Set(['acknowledged-issue-numbers', 'cli-telemetry']);

/**
 * The settings of the stage that the context names (`-c stage=prod`, default `dev`), with every setting that the context
 * overrides (`-c shards=4`, `-c 'tags={"team":"shop"}'`).
 * @throws ConfigError for an unknown stage, an unknown setting and a value out of range.
 */
export function loadStage(context: Readonly<Record<string, unknown>>): Stage {
  const name = context.stage ?? 'dev';
  const defaults = typeof name === 'string' && Object.hasOwn(stageDefaults, name) ? stageDefaults[name] : undefined;
  if (defaults === undefined) {
    throw new ConfigError(
      `stage ${JSON.stringify(name)} is unknown; allowed: ${Object.keys(stageDefaults).join(', ')}`,
    );
  }
  const overrides = Object.entries(context)
    .filter(([key]) => key !== 'stage' && !key.includes(':') && !CLI_CONTEXT.has(key))
    .map(([key, value]) => [key, fromCommandLine(value)]);
  return {
    name: String(name),
    settings: parseSettings(String(name), { ...defaults, ...Object.fromEntries(overrides) }),
  };
}

/**
 * @param stage only for the message
 * @throws ConfigError with the path of each wrong setting, its value and what is allowed.
 */
export function parseSettings(stage: string, input: Readonly<Record<string, unknown>>): Settings {
  const parsed = settingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const path = ['stages', stage, ...issue.path.map(String)].join('.');
    if (issue.code === 'unrecognized_keys') {
      const allowed = issue.path.length > 0 ? issue.message : Object.keys(settingsSchema.shape).join(', ');
      return `  ${path}: no such setting: ${issue.keys.join(', ')}; allowed: ${allowed}`;
    }
    const found = valueAt(input, issue.path);
    return `  ${path} is ${found === undefined ? 'not set' : JSON.stringify(found)}; allowed: ${issue.message}`;
  });
  throw new ConfigError(`settings that cannot be used:\n${problems.join('\n')}`);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

/** `-c shards=4` arrives as the text `4`, where cdk.json would hold a number; what has parts arrives as JSON. */
function fromCommandLine(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  if (/^-?\d+$/.test(value) && value.length < 12) return Number(value);
  return /^[[{]/.test(value) ? fromJson(value) : value;
}

/** What is no JSON stays text, which the schema refuses with what is allowed. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
