import { chaos } from '../../../local/chaos/command.ts';
import type { Evidence } from '../../../local/chaos/evidence.ts';
import { toothless } from '../../../local/chaos/evidence.ts';
import type { ChaosReport } from '../../../local/chaos/report.ts';
import type { ChaosOptions } from '../../../local/chaos/run.ts';
import { CliError } from '../../../local/cli/errors.ts';
import { captured } from '../cli/captured.ts';

const evidence: readonly Evidence[] = [{ fault: 'DynamoDB cut off', injected: 1, bit: 31, seenAs: 'requests lost' }];

const reportOf = (options: ChaosOptions, mismatches: readonly string[] = []): ChaosReport => ({
  seed: options.seed,
  account: {
    sent: 12,
    records: 14,
    applied: 9,
    duplicates: 3,
    rejected: { 'record.not-json': 2 },
    onFailure: 0,
    lost: 0,
    twice: 0,
    unaccounted: 0,
    rows: 4,
    effects: { commits: 7, due: 6, published: 8, missing: 0 },
    mismatches,
  },
  evidence,
  mismatches,
  elapsedMs: 61_000,
});

describe('the exit code of a chaos run', () => {
  test('is 0 if every event is accounted for', async () => {
    const { output, stderr } = captured();
    expect(await chaos([], output, async (options) => reportOf(options))).toBe(0);
    expect(stderr()).toContain('Every event is accounted for');
  });

  test('is 1 at any mismatch, which is told with the seed', async () => {
    const { output, stderr } = captured();
    const run = async (options: ChaosOptions) => reportOf(options, ['u1: its row counts 1 events more than once']);
    expect(await chaos(['--seed', '77'], output, run)).toBe(1);
    expect(stderr()).toContain('u1: its row counts 1 events more than once');
    expect(stderr()).toContain('--seed 77');
  });

  test('is 1 if the run fails', async () => {
    const { output, stderr } = captured();
    const run = () => Promise.reject(new CliError('The stream is not drained'));
    expect(await chaos([], output, run)).toBe(1);
    expect(stderr()).toBe('The stream is not drained\n');
  });

  test.each([[['--seconds', '1']], [['--seed', '-1']], [['--rate', 'many']], [['--sedd', '1']]])(
    'is 2 for %j, and nothing runs',
    async (args) => {
      const { output } = captured();
      const run = () => Promise.reject(new Error('It must not run'));
      expect(await chaos(args, output, run)).toBe(2);
    },
  );

  test('is 130 after Ctrl-C, which the run is told of', async () => {
    const { output, stderr } = captured();
    const run = (_: ChaosOptions, __: unknown, signal: AbortSignal) =>
      new Promise<ChaosReport>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        process.emit('SIGINT', 'SIGINT');
      });
    expect(await chaos([], output, run)).toBe(130);
    expect(stderr()).toBe('Interrupted by SIGINT\n');
  });
});

describe('what a chaos run prints', () => {
  test('is one JSON object on standard output if asked for, and nothing else there', async () => {
    const { output, stdout } = captured();
    await chaos(['--json', '--seed', '5'], output, async (options) => reportOf(options));
    expect(JSON.parse(stdout())).toEqual({
      seed: 5,
      sent: 12,
      records: 14,
      applied: 9,
      duplicates: 3,
      rejected: { 'record.not-json': 2 },
      onFailure: 0,
      lost: 0,
      twice: 0,
      unaccounted: 0,
      rows: 4,
      effects: { commits: 7, due: 6, published: 8, missing: 0 },
      faults: { 'DynamoDB cut off': { injected: 1, bit: 31 } },
      mismatches: [],
      elapsedMs: 61_000,
    });
  });

  test('is the account and the faults otherwise', async () => {
    const { output, stdout } = captured();
    await chaos([], output, async (options) => reportOf(options));
    expect(stdout()).toMatch(/Applied +9 {2}events, each once/);
    expect(stdout()).toMatch(/DynamoDB cut off +1 +31 +requests lost/);
  });
});

test('a run takes a minute of a hundred events a second, and a seed of its own, unless it is told otherwise', async () => {
  const runs: ChaosOptions[] = [];
  const run = async (options: ChaosOptions) => {
    runs.push(options);
    return reportOf(options);
  };
  await chaos([], captured().output, run);
  await chaos([], captured().output, run);
  await chaos(['--seconds', '30', '--rate', '50', '--seed', '9'], captured().output, run);
  expect(runs[0]).toEqual({ seconds: 60, rate: 100, seed: expect.any(Number) });
  expect(runs[1]?.seed).not.toBe(runs[0]?.seed);
  expect(runs[2]).toEqual({ seconds: 30, rate: 50, seed: 9 });
});

test('a fault that never bit is a mismatch', () => {
  const lost = { fault: 'store throttled', injected: 3, bit: 0, seenAs: 'requests that failed' };
  expect(toothless([...evidence, lost])).toEqual([
    'store throttled: injected 3 times, but never seen to bite (requests that failed)',
  ]);
});
