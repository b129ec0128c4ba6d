import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createProducer } from '../../lambdas/producer/index.ts';
import { itemAdded } from '../../lambdas/systems/profiles/events.ts';
import { STATEFUL_OUTPUTS, statefulStackName } from '../../lib/stacks/outputs.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../local/cli/local-state.ts';
import { main } from '../../local/cli/main.ts';
import { localState } from '../../local/cli/start/watch.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { type Synthesis, synthesize } from '../../local/synth.ts';
import { blocksOf } from '../../scripts/newcomer/blocks.ts';
import { captured } from '../unit/cli/captured.ts';

/** The runbook as somebody at three in the morning reads it: each command, as written, against the stage's real bundles. */

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const BLOCKS = blocksOf(PAGE);
/** Those of blocks, and those in the text. */
const COMMANDS = [
  ...new Set([
    ...BLOCKS.filter(({ use }) => use.kind === 'run').flatMap(({ code }) => code.split('\n')),
    ...[...PAGE.matchAll(/`(npx millrace [^`]+)`/g)].map(([, command]) => String(command)),
  ]),
];
/** As a shell splits them. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? String(bare));

let synthesis: Synthesis;
let cloud: Cloud;
let directory: string;

beforeAll(async () => {
  synthesis = await synthesize({ context: { batchingWindowSeconds: 0 } });
  cloud = await startCloud({ assemblyDir: synthesis.directory });
  directory = mkdtempSync(join(tmpdir(), 'millrace-runbook-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  const stream = cloud.output(statefulStackName('local'), STATEFUL_OUTPUTS.streamName('shop'));
  await using producer = createProducer({ stream, source: 'urn:test', client: cloud.clients.kinesis });
  for (let n = 0; n < 25; n++) {
    await producer.send(itemAdded, {
      subject: `user-${n}`,
      // One comes from a clock that is ahead.
      time: new Date(Date.now() + (n === 7 ? 3_600_000 : 0)).toISOString(),
      data: { productId: 'mug', quantity: 1, unitPrice: 890, currency: 'EUR' },
    });
  }
  await producer.flush();
  await cloud.untilDrained();
});

afterAll(async () => {
  delete process.env[LOCAL_STATE_ENV];
  await cloud.stop();
  synthesis[Symbol.dispose]();
  rmSync(directory, { recursive: true, force: true });
});

test('every command of the runbook runs as written, and succeeds; none needs an account', async () => {
  expect(BLOCKS.filter(({ use }) => use.kind !== 'run')).toEqual([]);
  using _state = publishLocalState(localState(cloud));
  expect(COMMANDS.length).toBeGreaterThan(12);
  const failed: string[] = [];
  for (const command of COMMANDS) {
    expect(command).toMatch(/^npx millrace /);
    const words = wordsOf(command).slice(2);
    const { output, stdout, stderr } = captured();
    // A file that a command writes goes where the test can remove it.
    const args = words.map((word) => (word.endsWith('.ndjson') ? join(directory, word) : word));
    const exitCode = await main(args, output);
    // Of status 2 says that something is in ALARM, which is why the runbook is open.
    const good = exitCode === 0 || (words[0] === 'status' && exitCode === 2);
    if (!good || stdout() + stderr() === '') failed.push(`${command}: ${exitCode}\n${stdout()}${stderr()}`);
  }
  expect(failed).toEqual([]);
});
