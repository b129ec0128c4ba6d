import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV, outputStreamEnv } from '../../../lambdas/core/names.ts';
import { bundled, type DeployedFunction } from '../../bench/bundles.ts';
import { Contestant } from '../../bench/contestant.ts';
import { type Emulators, startEmulators } from '../../bench/emulators/client.ts';
import { WrongRows } from '../../bench/oracle.ts';
import { type Variant, type VariantName, variantsOf } from '../../bench/variants/variant.ts';
import { Traffic } from '../../bench/workload/traffic.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-test-'));
const traffic = (seed = 'variants') =>
  new Traffic({ distribution: 'zipf', seed, ratePerSecond: 20, startMs: Date.now() - 3_600_000 });

/** What the template gives the processor, its resources aside. */
const VARIABLES = {
  [ENV.metricNamespace]: 'Millrace/test',
  [ENV.inputStream]: 'shop',
  [ENV.retentionHours]: '168',
  [ENV.kplProducers]: 'false',
  [ENV.replayMode]: 'false',
  [ENV.stateTable]: { Ref: 'Table' },
  [ENV.checkpointTable]: { Ref: 'Checkpoints' },
  [ENV.deadLetterQueueUrl]: { Ref: 'Queue' },
  [ENV.deadLetterBucket]: { Ref: 'Bucket' },
  [outputStreamEnv('profile-updates')]: { Ref: 'Stream' },
};

/** Folds as it should, but knows no repeats. */
const FORGETFUL = `
  import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
  import { documentClient } from './test/bench/variants/document-client.ts';
  import { newProfile, reduce } from './lambdas/systems/profiles/reducer.ts';
  import { decode } from './test/bench/variants/decode.ts';
  const dynamodb = documentClient(1);
  const TableName = process.env.STATE_TABLE;
  export async function handler({ Records }) {
    for (const event of Records.map(decode)) {
      const { Item } = await dynamodb.send(new GetCommand({ TableName, Key: { id: event.subject } }));
      const { id, ...profile } = Item ?? newProfile();
      const { state } = reduce(profile, event);
      await dynamodb.send(new PutCommand({ TableName, Item: { ...state, id: event.subject } }));
    }
    return { batchItemFailures: [] };
  }`;

let emulators: Emulators;
let variants: readonly Variant[];
let forgetful: string;

beforeAll(async () => {
  const build = (name: string) => bundled(name, { file: `test/bench/variants/${name}.ts` }, directory);
  const handler = bundled('handler', { file: 'lambdas/systems/profiles/handler.ts' }, directory);
  forgetful = bundled('forgetful', { text: FORGETFUL }, directory);
  const deployed: DeployedFunction = { name: 'profiles', file: handler, variables: VARIABLES };
  variants = variantsOf(deployed, {
    floor: build('floor'),
    'bare-puts': build('bare-puts'),
    powertools: build('powertools'),
  });
  emulators = await startEmulators();
});

afterAll(async () => {
  await emulators[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const variant = (name: VariantName): Variant => {
  const found = variants.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no variant ${name}`);
  return found;
};

test.each<VariantName>([
  'floor',
  'barePuts',
  'handler',
  'powertoolsOrdered',
  'powertoolsOrderedCached',
  'powertoolsParallel',
  'powertoolsParallelCached',
])('%s comes to the rows of the oracle, on one environment and on two', async (name) => {
  await using contestant = await Contestant.start(variant(name), traffic(), emulators, 'right');
  await contestant.grow(2);
  await contestant.seed(variant(name).isSlow ? 200 : 0);
  await contestant.run({ events: 80, batch: 40, environment: () => 0 });
  let next = 0;
  await contestant.run({ events: 120, batch: 30, environment: () => next++ % 2 });
  await contestant.verify();
});

test('the handler puts each key of a batch once, publishes each put, and writes one checkpoint', async () => {
  await using contestant = await Contestant.start(variant('handler'), traffic(), emulators, 'counts');
  await contestant.grow(1);
  const { puts, distinctKeys, effects, sideWrites, requests, rowBytes } = await contestant.run({
    events: 400,
    batch: 200,
    environment: () => 0,
  });
  expect(puts).toBe(distinctKeys);
  expect(rowBytes).toHaveLength(puts);
  expect(effects).toBeLessThanOrEqual(puts);
  expect(effects).toBeGreaterThan(0.98 * puts);
  expect(sideWrites).toBe(2);
  expect(requests).toBeGreaterThan(puts);
});

test('ordered Powertools writes three times for each event that is none before', async () => {
  await using contestant = await Contestant.start(variant('powertoolsOrdered'), traffic(), emulators, 'three');
  await contestant.grow(1);
  const { puts, sideWrites, events } = await contestant.run({ events: 100, batch: 50, environment: () => 0 });
  expect(sideWrites).toBe(2 * puts);
  expect(puts).toBeGreaterThan(0.97 * events);
  expect(puts).toBeLessThanOrEqual(events);
});

test('a variant that is fast by forgetting repeats fails loudly, by its name', async () => {
  const wrong: Variant = { ...variant('barePuts'), isTold: false, file: forgetful };
  await using contestant = await Contestant.start(wrong, traffic('forgetful'), emulators, 'wrong');
  await contestant.grow(1);
  await contestant.run({ events: 500, batch: 500, environment: () => 0 });
  await expect(contestant.verify()).rejects.toThrow(WrongRows);
  await expect(contestant.verify()).rejects.toThrow(/^barePuts: \d+ of \d+ rows differ from the oracle's/);
});
