#!/usr/bin/env node
// Plain JavaScript, so that whichever Node the system has can read it: the command itself needs the Node that the project pins.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const pinned = fileURLToPath(new URL('node_modules/node/bin/node', root));
const command = fileURLToPath(new URL('bin/millrace.ts', root));

if (existsSync(pinned)) run();
else {
  process.stderr.write('The project is not installed yet: run npm ci first\n');
  process.exitCode = 1;
}

/** Runs the command as a child: it gets the signals of this process, and this process ends as it does. */
function run() {
  const child = spawn(pinned, ['--no-warnings', command, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${pinned} cannot be run: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
