import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The local cloud in a process of its own, found by nothing but its URL. */
export interface ServedCloud extends AsyncDisposable {
  readonly url: string;
}

/** Starts `millrace serve` on a free port. @throws with what it wrote if it does not come up. */
export async function serveLocalCloud(): Promise<ServedCloud> {
  const root = join(import.meta.dirname, '../../..');
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--no-warnings', 'bin/millrace.ts', 'serve', '--port', '0', '--json'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const written: string[] = [];
  child.stderr.on('data', (chunk) => written.push(String(chunk)));
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const { value: first } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  if (typeof first !== 'string') throw new Error(`millrace serve did not come up:\n${written.join('')}`);
  const { url }: { url: string } = JSON.parse(first);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
