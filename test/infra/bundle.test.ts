import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = `${import.meta.dirname}/../..`;

/** Bundled once for the whole file, by the app itself, as the CDK CLI runs it. */
const out = mkdtempSync(join(tmpdir(), 'millrace-synth-'));
const node = (args: string[], env: NodeJS.ProcessEnv) =>
  spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });

const synth = node(['bin/app.ts'], {
  CDK_OUTDIR: out,
  CDK_CONTEXT_JSON: JSON.stringify({
    ...JSON.parse(readFileSync(`${ROOT}/cdk.json`, 'utf8')).context,
    stage: 'local',
    systems: ['profiles'],
  }),
});

/** The functions of the template by a variable that each has, with the directory of its bundle. */
const template = JSON.parse(readFileSync(join(out, 'Millrace-local-Stateless.template.json'), 'utf8'));
const functions: { readonly variables: readonly string[]; readonly directory: string }[] = Object.values(
  template.Resources as Record<string, { Type: string; Properties: Record<string, never> }>,
)
  .filter(({ Type }) => Type === 'AWS::Lambda::Function')
  .map(({ Properties: { Code, Environment } }: { Properties: Record<string, Record<string, string>> }) => ({
    variables: Object.keys(Environment?.Variables ?? {}),
    directory: join(out, `asset.${String(Code?.S3Key).replace('.zip', '')}`),
  }));
const bundleWith = (variable: string): string =>
  functions.find(({ variables }) => variables.includes(variable))?.directory ?? `no function has ${variable}`;

afterAll(() => rmSync(out, { recursive: true }));

function run(directory: string, env: NodeJS.ProcessEnv) {
  const bundle = join(directory, 'index.mjs');
  const importing = `const { handler } = await import(${JSON.stringify(bundle)}); console.log(typeof handler);`;
  return node(['--input-type=module', '--eval', importing], { AWS_REGION: 'eu-central-1', ...env });
}

const PROCESSOR = {
  METRIC_NAMESPACE: 'Millrace/dev',
  INPUT_STREAM: 'shop',
  RETENTION_HOURS: '168',
  STATE_TABLE: 'rows',
  CHECKPOINT_TABLE: 'checkpoints',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111111111111/dead-letters',
  DEAD_LETTER_BUCKET: 'dead-letters',
  STREAM_PROFILE_UPDATES: 'updates',
};
const API = { STATE_TABLE_PROFILES: 'rows' };

test('the app bundles its functions', () => {
  expect(synth.stderr).not.toContain('Error');
  expect(synth.status).toBe(0);
  expect(functions).toHaveLength(2);
});

describe.each([
  ['a processor', 'INPUT_STREAM', 'METRIC_NAMESPACE', PROCESSOR],
  ['the REST API', 'STATE_TABLE_PROFILES', 'STATE_TABLE_PROFILES', API],
])('%s', (_, variable, first, variables) => {
  const directory = bundleWith(variable);

  test('is modules with their source maps beside them', () => {
    const files = readdirSync(directory);
    const modules = files.filter((file) => file.endsWith('.mjs'));
    expect(modules).toContain('index.mjs');
    expect(files.sort()).toEqual([...modules, ...modules.map((file) => `${file}.map`)].sort());
  });

  test('needs nothing but Node, and names the variable that is missing', () => {
    const { status, stderr } = run(directory, {});
    expect(status).not.toBe(0);
    expect(stderr).toMatch(new RegExp(`Environment variable ${first}( or \\w+)* is not set`));
  });

  test('exports a handler', () => {
    const { status, stdout, stderr } = run(directory, variables);
    expect([status, stdout.trim(), stderr]).toEqual([0, 'function', '']);
  });
});

/** The sources of a module and of all that it imports at once. */
function sourcesOf(directory: string, module: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const { sources } = JSON.parse(readFileSync(join(directory, `${module}.map`), 'utf8'));
  const code = readFileSync(join(directory, module), 'utf8');
  const imported = [...code.matchAll(/\b(?:from|import)"\.\/([^"]+\.mjs)"/g)].map(([, name = '']) => name);
  return [...sources, ...imported.flatMap((name) => sourcesOf(directory, name, seen))];
}

test('a processor reads the clients of queues and buckets only when it needs them', () => {
  const directory = bundleWith('INPUT_STREAM');
  const atOnce = sourcesOf(directory, 'index.mjs');
  expect(atOnce).toContain('../lambdas/aws/dynamodb.ts');
  expect(atOnce.filter((source) => /@aws-sdk\/client-(?!kinesis)/.test(source))).toEqual([]);
  const whole = readdirSync(directory).filter((file) => file.endsWith('.map'));
  const later = whole.flatMap((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')).sources.join('\n'));
  for (const client of ['client-sqs', 'client-s3']) expect(later.join('\n')).toContain(client);
});
