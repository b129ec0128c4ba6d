import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import type { Clients } from './clients.ts';
import type { Deployment, Settings } from './deployment.ts';
import { findStack, stacksOf } from './stage.ts';
import { environmentOf, type Target } from './target.ts';
import { eventually } from './wait.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Where templates look for their functions: the bucket that `cdk bootstrap` makes, of an emulator's account. */
const BUCKET = 'cdk-hnb659fds-assets-000000000000-us-east-1';

const SETTLED = /_(COMPLETE|FAILED)$/;

/**
 * Deploys the synthesized app by the SDK: uploads, change sets, waits. It does without the CDK CLI, which takes seconds more for each
 * command, and so suits a test.
 */
export class SdkDeployment implements Deployment, Disposable {
  readonly #target: Target;
  readonly #clients: Clients;
  readonly #s3: S3Client;
  readonly #out = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
  readonly #synths = new Map<string, Promise<string>>();

  constructor(target: Target, clients: Clients) {
    const { AWS_ENDPOINT_URL_S3: endpoint = '', AWS_REGION: region = '' } = environmentOf(target);
    this.#target = target;
    this.#clients = clients;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    this.#s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  }

  /** Begins to synthesize the app with these settings, for a deployment to come. */
  synthesize(settings: Settings): Promise<string> {
    const context = JSON.stringify({ ...cdkContext(), stage: this.#target.stage, ...settings });
    const running = this.#synths.get(context) ?? runApp(join(this.#out, `${this.#synths.size}`), context);
    this.#synths.set(context, running);
    return running;
  }

  async deploy(settings: Settings): Promise<void> {
    const directory = await this.synthesize(settings);
    await this.#s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    for (const name of stacksOf(this.#target.stage)) await this.#deployStack(name, directory);
  }

  async destroy(): Promise<void> {
    for (const StackName of stacksOf(this.#target.stage).toReversed()) {
      await this.#clients.cloudformation.send(new DeleteStackCommand({ StackName }));
      await this.#untilSettled(StackName, 'DELETE_COMPLETE');
    }
  }

  [Symbol.dispose](): void {
    this.#s3.destroy();
    rmSync(this.#out, { recursive: true, force: true });
  }

  async #deployStack(StackName: string, directory: string): Promise<void> {
    const { cloudformation } = this.#clients;
    const template = await this.#upload(directory, StackName);
    const ChangeSetName = 'e2e';
    const exists = (await findStack(this.#clients, StackName)) !== undefined;
    const named = { StackName, ChangeSetName };
    await cloudformation.send(
      new CreateChangeSetCommand({ ...named, TemplateURL: template, ChangeSetType: exists ? 'UPDATE' : 'CREATE' }),
    );
    const { Status } = await cloudformation.send(new DescribeChangeSetCommand(named));
    // A change set without changes is FAILED.
    if (Status === 'FAILED') return;
    await cloudformation.send(new ExecuteChangeSetCommand(named));
    await this.#untilSettled(StackName, exists ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE');
  }

  async #untilSettled(StackName: string, expected: string): Promise<void> {
    let status: string | undefined;
    await eventually({
      what: `stack ${StackName} in ${expected}`,
      seconds: 60,
      signal: new AbortController().signal,
      seen: () => status,
      probe: async () => {
        const stack = await findStack(this.#clients, StackName);
        status = stack === undefined ? 'DELETE_COMPLETE' : stack.StackStatus;
        if (status === expected) return true;
        if (!SETTLED.test(status ?? '')) return undefined;
        throw new Error(`stack ${StackName} is in ${status}: ${stack?.StackStatusReason}`);
      },
    });
  }

  /** Uploads a stack's functions and its template. @returns the template's URL. */
  async #upload(directory: string, stack: string): Promise<string> {
    const body = readFileSync(join(directory, `${stack}.template.json`), 'utf8');
    for (const asset of readdirSync(directory).filter((name) => name.startsWith('asset.'))) {
      const key = `${asset.slice('asset.'.length)}.zip`;
      if (!body.includes(key)) continue;
      await this.#put(key, zipSync(filesOf(join(directory, asset)), { level: 1 }));
    }
    await this.#put(`${stack}.json`, Buffer.from(body));
    return `https://s3.us-east-1.amazonaws.com/${BUCKET}/${stack}.json`;
  }

  async #put(Key: string, Body: Uint8Array): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  }
}

const filesOf = (directory: string): Record<string, Uint8Array> =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]));

const cdkContext = (): object => JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context;

/** Runs the app as the CDK CLI does, but without the checks that take seconds: other tests run those. */
async function runApp(directory: string, context: string): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const app = spawn(process.execPath, ['--no-warnings', 'bin/app.ts'], {
    cwd: ROOT,
    env: { ...env, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: context, CDK_VALIDATION: 'false' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    app.on('error', reject);
    app.on('close', resolve);
  });
  const [code, errors] = await Promise.all([exited, text(app.stderr)]);
  if (code !== 0) throw new Error(`the app cannot be synthesized:\n${errors}`);
  return directory;
}
