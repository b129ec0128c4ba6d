import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_STATE_ENV, publishLocalState } from '../../../local/cli/local-state.ts';
import { redrive } from '../../../local/cli/redrive/command.ts';
import { REGION } from '../../../local/emulators/emulators.ts';
import { captured } from '../../unit/cli/captured.ts';
import type { AlarmWorld } from './world.ts';

const SEND = {
  stage: 'local',
  send: true,
  dryRun: false,
  force: false,
  strict: false,
  reason: [],
  limit: 1_000,
  rate: 1_000,
  json: false,
};

/** Somebody redrives what waits in the queues of the profiles, and it is folded. */
export async function redriven(world: AlarmWorld): Promise<void> {
  const { endpoints, stacks: made } = world.cloud;
  const directory = mkdtempSync(join(tmpdir(), 'millrace-alarms-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  const stacks = Object.fromEntries([...made].map(([name, { outputs }]) => [name, outputs]));
  const published = publishLocalState({ pid: process.pid, region: REGION, endpoints, stacks });
  const { output, stdout, stderr } = captured();
  try {
    const code = await redrive('profiles', SEND, output, new AbortController().signal);
    if (code !== 0) throw new Error(`redrive ended with ${code}:\n${stdout()}${stderr()}`);
  } finally {
    published[Symbol.dispose]();
    delete process.env[LOCAL_STATE_ENV];
    rmSync(directory, { recursive: true });
  }
  await world.untilFolded();
}
