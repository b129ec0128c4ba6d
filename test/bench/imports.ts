import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { bundled, type DeployedFunction, kilobytes } from './bundles.ts';
import { functionEnvironment } from './emulators/client.ts';
import { median } from './measurement.ts';
import { functionVariables } from './variants/variant.ts';

/** What a function weighs at a cold start, against a client of DynamoDB that does nothing else. */
export interface BundleResult {
  readonly function: string;
  /** Of the code that is loaded at a cold start and the rest, without source maps. */
  readonly kilobytes: number;
  readonly importMs: number;
  /** The bare client in one file, as CDK's NodejsFunction bundles by default. */
  readonly bareClientKilobytes: number;
  readonly bareClientImportMs: number;
  /** The bare client bundled as our functions are, with what it seldom needs in chunks that are not read. */
  readonly bareClientInChunksImportMs: number;
}

/** As little as a function can hold that puts an item: no document client, no schemas, no logs. */
const BARE_CLIENT = `
  import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
  const client = new DynamoDBClient({});
  export const handler = (input) => client.send(new PutItemCommand(input));`;

/** Nothing is sent: importing makes clients, and no more. */
const NOWHERE = { dynamodb: 'http://127.0.0.1:9', kinesis: 'http://127.0.0.1:9' } as const;

/** Imports each function and the bare client in fresh processes, in turns, and takes medians. */
export async function measureBundles(
  functions: readonly DeployedFunction[],
  repeats: number,
  outDir: string,
): Promise<readonly BundleResult[]> {
  const bare = bundled('bare-client', { text: BARE_CLIENT }, outDir, { splitting: false });
  const inChunks = bundled('bare-client-in-chunks', { text: BARE_CLIENT }, outDir);
  const results: BundleResult[] = [];
  for (const one of functions) {
    const own: number[] = [];
    const bares: number[] = [];
    const baresInChunks: number[] = [];
    for (let turn = 0; turn < repeats; turn++) {
      bares.push(await importMs(bare, {}));
      baresInChunks.push(await importMs(inChunks, {}));
      own.push(await importMs(one.file, functionVariables(one)));
    }
    results.push({
      function: one.name,
      kilobytes: kilobytes(one.file),
      importMs: median(own),
      bareClientKilobytes: kilobytes(bare),
      bareClientImportMs: median(bares),
      bareClientInChunksImportMs: median(baresInChunks),
    });
  }
  return results;
}

/** Milliseconds that a fresh process takes to import a module, its top level included. */
async function importMs(file: string, variables: Readonly<Record<string, string>>): Promise<number> {
  const source = `
    const startedMs = performance.now();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    process.stdout.write(String(performance.now() - startedMs), () => process.exit(0));`;
  const child = spawn(process.execPath, ['--enable-source-maps', '--input-type=module', '--eval', source], {
    env: { ...functionEnvironment(NOWHERE), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const ms = Number(output);
  // A minified module quotes itself whole: what went wrong stands at the end.
  if (output === '' || !Number.isFinite(ms)) throw new Error(`${file} could not be imported: ${errors.slice(-2_000)}`);
  return ms;
}
