import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaFunction } from '../../../../local/lambda/function.ts';
import { until } from '../../../support/until.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-deployment-'));
const url = 'http://127.0.0.1:1';
let fn: LambdaFunction;

/** A directory with code that answers with its version, once it is let go if the event says `wait`. */
function code(version: string): string {
  const directory = join(root, version);
  mkdirSync(directory, { recursive: true });
  const source = `
    import { existsSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    export const handler = async ({ wait }) => {
      while (wait && !existsSync(wait)) await delay(5);
      return '${version}';
    };`;
  writeFileSync(join(directory, 'index.mjs'), source);
  return directory;
}

beforeEach(() => {
  fn = new LambdaFunction(
    {
      name: 'Fn',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:Fn',
      directory: code('old'),
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutSeconds: 30,
      memoryMb: 128,
      environment: {},
      logGroup: '/aws/lambda/Fn',
      logFormat: 'JSON',
    },
    {
      endpoints: { kinesis: url, dynamodb: url, sqs: url, sns: url, s3: url },
      environments: 4,
      logLine: () => undefined,
      metric: () => undefined,
    },
  );
});

afterEach(() => fn.stop());
afterAll(() => rmSync(root, { recursive: true, force: true }));

const answer = async (event: object): Promise<unknown> => {
  const result = await fn.invoke(event);
  return result.kind === 'returned' ? result.payload : result;
};

describe('a deployment', () => {
  test('takes effect with the next event, although environments of the old code are idle', async () => {
    expect(await answer({})).toBe('old');
    fn.deploy(code('new'));
    expect(await answer({})).toBe('new');
    expect(fn.coldStarts).toBe(2);
  });

  test('lets what is under way end on the old code, beside the new one, and then no more of it', async () => {
    const wait = join(root, 'go');
    const underWay = answer({ wait });
    await until(() => fn.coldStarts === 1);
    fn.deploy(code('new'));
    expect(await answer({})).toBe('new');
    writeFileSync(wait, '');
    expect(await underWay).toBe('old');
    expect(await Promise.all([answer({}), answer({})])).toEqual(['new', 'new']);
  });

  test('can be rolled back', async () => {
    fn.deploy(code('new'));
    expect(await answer({})).toBe('new');
    fn.deploy(code('old'));
    expect(await answer({})).toBe('old');
  });
});
