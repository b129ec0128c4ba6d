/**
 * Runs the deterministic simulation: see `npm run simulate -- --help` and docs/simulation.md. Its systems and its oracle live with the tests, so
 * this only starts them, in a process whose errors carry no stacks: runs throw tens of thousands of them on purpose.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'test', 'simulation', 'cli', 'main.ts');
const flags = ['--no-warnings', '--stack-trace-limit=0'];
const child = spawn(process.execPath, [...flags, main, ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal sends Ctrl-C to both; the simulation ends by itself and says what it has. What else asks this one to end is passed on.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGINT'));
child.on('error', (error) => {
  console.error(`The simulation cannot be started: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
