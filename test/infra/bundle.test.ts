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
  CDK_CONTEXT_JSON: JSON.stringify({ ...JSON.parse(readFileSync(`${ROOT}/cdk.json`, 'utf8')).context, stage: 'local' }),
});
const [asset = 'no asset'] = readdirSync(out).filter((name) => name.startsWith('asset.'));
const bundle = join(out, asset, 'index.mjs');

afterAll(() => rmSync(out, { recursive: true }));

const importing = `const { handler } = await import(${JSON.stringify(bundle)}); console.log(typeof handler);`;
const run = (env: NodeJS.ProcessEnv) => node(['--input-type=module', '--eval', importing], env);

test('the app bundles a function into one module with its source map beside it', () => {
  expect(synth.stderr).not.toContain('Error');
  expect(synth.status).toBe(0);
  expect(readdirSync(join(out, asset)).sort()).toEqual(['index.mjs', 'index.mjs.map']);
});

test('the bundle needs nothing but Node, and names the variable that is missing', () => {
  const { status, stderr } = run({ AWS_REGION: 'eu-central-1' });
  expect(status).not.toBe(0);
  expect(stderr).toContain('Environment variable METRIC_NAMESPACE is not set');
});

test('the bundle exports a handler', () => {
  const { status, stdout, stderr } = run({
    AWS_REGION: 'eu-central-1',
    METRIC_NAMESPACE: 'Millrace/dev',
    INPUT_STREAM: 'shop',
    RETENTION_HOURS: '168',
    STATE_TABLE: 'rows',
    CHECKPOINT_TABLE: 'checkpoints',
    DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111111111111/dead-letters',
    DEAD_LETTER_BUCKET: 'dead-letters',
    STREAM_PROFILE_UPDATES: 'updates',
  });
  expect([status, stdout.trim(), stderr]).toEqual([0, 'function', '']);
});
