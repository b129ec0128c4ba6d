import { CommanderError } from 'commander';
import { main } from '../../../local/cli/main.ts';
import { program } from '../../../local/cli/program.ts';
import { captured } from './captured.ts';

async function run(...args: string[]) {
  const { output, stdout, stderr } = captured();
  return { exitCode: await main(args, output), stdout: stdout(), stderr: stderr() };
}

describe('wrong usage ends with exit code 2 and says what is wrong', () => {
  test.each<[string[], RegExp]>([
    [['start', '--limit', '0'], /--limit <n>' argument '0' is invalid. It must be an integer of 1 or more/],
    [['start', '--limit', '1.5'], /must be an integer/],
    [['start', '--limit', '-3'], /must be an integer/],
    [['start', '--rate', '0'], /--rate <n>' argument '0' is invalid. It must be a number above 0/],
    [['start', '--rate', 'Infinity'], /must be a number above 0/],
    [['start', '--shards', '65'], /--shards <n>' argument '65' is invalid. It must be an integer from 1 to 64/],
    [['start', '--shards', ''], /must be an integer/],
    [['start', '--evnts', 'x'], /unknown option '--evnts'/],
    [['start', 'now'], /too many arguments/],
    [['produce'], /missing required argument 'file'/],
    [['produce', 'x', '--from-line', '0'], /must be an integer of 1 or more/],
    [['produce', 'x', '--rate', '-1'], /must be a number above 0/],
    [['pause'], /missing required argument 'system'/],
    [['status', 'profiles'], /too many arguments/],
    [['redrive', '--send', '--dry-run'], /--dry-run and --send exclude one another/],
    [['redrive', '--send', '--force', '--strict'], /--force and --strict exclude one another/],
    [['redrive', '--edit', 'x'], /--edit needs --dry-run or --send/],
    [['redrive', '--export', 'x', '--send'], /--export goes with neither/],
    [['redrive', '--rate', '0'], /must be a number above 0/],
    [['redrive', '--reason', 'event.invalid_data'], /Reasons of dead letters are .*event\.invalid-data/],
    [['cost'], /required option '--events-per-second <n>' not specified/],
    [['cost', '--events-per-second', '0'], /must be a number above 0/],
    [['profile', 'export'], /required option '--format <format>' not specified/],
    [['profile', 'export', '--format', 'xlsx'], /Allowed choices are csv, ndjson, parquet/],
    [['profile', 'get'], /missing required argument 'id'/],
    [['profile', 'list'], /required option '--segment <segment>' not specified/],
    [['profile', 'list', '--segment', 'none'], /Allowed choices are low, medium, high/],
    [['profile', 'list', '--segment', 'low', '--limit', '0'], /must be an integer from 1 to 10000/],
    [['profil'], /unknown command 'profil'.*profile/s],
    [[], /Usage: millrace/],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

test.each([
  [['--help'], 'start [options]'],
  [['start', '--help'], '--events <file>'],
  [['produce', '--help'], '--from-line <n>'],
  [['profile', '--help'], 'list [options]'],
  [['profile', 'list', '--help'], '"low", "medium", "high"'],
])('%j goes to standard output and is no failure', async (args, text) => {
  const { exitCode, stdout, stderr } = await run(...args);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(text);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
});

test.each([
  ['/nowhere/events.ndjson', /--events \/nowhere\/events.ndjson: ENOENT/],
  ['.', /--events \.: is a directory/],
])('start --events %s fails before anything starts', async (file, message) => {
  const { exitCode, stderr } = await run('start', '--events', file);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('Synthesized');
  expect(exitCode).toBe(1);
});

test.each([
  [['produce', '/nowhere/events.ndjson'], /\/nowhere\/events.ndjson: ENOENT/],
  [['produce', '.'], /^\.: is a directory/],
  [['produce', 'package.json', '--stream', 'shops'], /no stream shops; those of a stage are shop, profile-updates/],
])('%j fails before anything is sent', async (args, message) => {
  const { exitCode, stdout, stderr } = await run(...args);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(exitCode).toBe(1);
});

test('every command describes itself and each of its options', () => {
  const root = program(captured().output, new AbortController().signal, () => undefined);
  const commands = root.commands.flatMap((command) => [command, ...command.commands]);
  expect(commands.map((command) => command.name())).toEqual([
    'start',
    'serve',
    'produce',
    'tail',
    'status',
    'logs',
    'pause',
    'resume',
    'retain',
    'redrive',
    'trace',
    'cost',
    'profile',
    'get',
    'list',
    'export',
  ]);
  for (const command of commands) {
    expect(command.description()).not.toBe('');
    for (const option of command.options) expect(option.description).not.toBe('');
  }
  expect(() => root.parse(['start', '--limit', 'x'], { from: 'user' })).toThrow(CommanderError);
});
