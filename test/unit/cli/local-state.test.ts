import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalState, publishLocalState, readLocalState, refuseSecond } from '../../../local/cli/local-state.ts';

const endpoint = 'http://127.0.0.1:1';
const state = (pid: number): LocalState => ({
  pid,
  region: 'us-east-1',
  endpoints: { kinesis: endpoint, dynamodb: endpoint, sqs: endpoint, sns: endpoint, s3: endpoint },
  stacks: { 'Millrace-local-Stateful': { ProfilesTableName: 'table' } },
});

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  await once(child, 'exit');
  return pid;
}

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-state-'));
  file = join(directory, 'below/local.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a local cloud is found while it is up, and no longer', () => {
  const published = publishLocalState(state(process.pid), file);
  expect(readLocalState(file)).toEqual(state(process.pid));
  published[Symbol.dispose]();
  expect(existsSync(file)).toBe(false);
  expect(() => readLocalState(file)).toThrow('No local cloud is up; start one with: npm start -- --watch');
});

test('one whose process is gone is not taken for one that is up', async () => {
  const pid = await endedProcess();
  publishLocalState(state(pid), file);
  expect(() => readLocalState(file)).toThrow(`The local cloud of process ${pid} is gone`);
});

test('one whose process is gone gives way to the next', async () => {
  publishLocalState(state(await endedProcess()), file);
  refuseSecond(file);
  publishLocalState(state(process.pid), file);
  expect(readLocalState(file).pid).toBe(process.pid);
});

test('a second one beside the first is refused, and the first stays published', () => {
  publishLocalState(state(process.pid), file);
  expect(() => publishLocalState(state(process.pid), file)).toThrow(`up already, in process ${process.pid}`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(state(process.pid));
});

test.each(['', '{"pid":', '{}', '{"pid":"1"}'])('a damaged file (%j) is named, not believed', (text) => {
  const damaged = join(directory, 'local.json');
  writeFileSync(damaged, text);
  expect(() => readLocalState(damaged)).toThrow(`${damaged} does not describe a local cloud; delete it`);
});
