import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Output } from '../../../local/cli/output.ts';
import { program } from '../../../local/cli/program.ts';
import { blocksOf } from '../../../scripts/newcomer/blocks.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGES = globSync(['README.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: ROOT });
const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;
const root = program(new Output(), new AbortController().signal, () => undefined);

interface Mention {
  readonly where: string;
  readonly words: readonly string[];
}

/** What stands behind `start` on its lines, up to what a shell or a text puts behind a command. */
function mentions(start: RegExp): readonly Mention[] {
  return PAGES.flatMap((page) =>
    readFileSync(join(ROOT, page), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        [...line.matchAll(new RegExp(`${start.source}([^\`#|;&<>()\\n]*)`, 'g'))].map(([, rest = '']) => ({
          where: `${page}:${index + 1}`,
          words: rest.trim().split(/\s+/).filter(Boolean),
        })),
      ),
  );
}

/** The command that the words name, its subcommands included, and the words that are left. */
function resolveCommand(words: readonly string[], from: Command = root): { command: Command; rest: readonly string[] } {
  const [first = '', ...rest] = words;
  const names = first.split('\\')[0]?.split('/') ?? [];
  const next = from.commands.find((command) => names.includes(command.name()));
  return next ? resolveCommand(rest, next) : { command: from, rest: words };
}

/** What is wrong with the mention of a command; nothing if all of it is there. */
function faultOf({ where, words }: Mention): string[] {
  if (words.length === 0 || words[0]?.startsWith('--') || !/^[a-z]/.test(words[0] ?? '')) return [];
  const { command, rest } = resolveCommand(words);
  if (command === root) return [`${where}: millrace has no command ${words[0]}`];
  const known = new Set(['--help', ...command.options.map(({ long }) => long)]);
  return rest
    .flatMap((word) => /^\[?(--[a-z-]+)/.exec(word)?.[1] ?? [])
    .filter((option) => !known.has(option))
    .map((option) => `${where}: millrace ${command.name()} has no option ${option}`);
}

describe('the documents', () => {
  it('name only commands and options of millrace that there are', () => {
    const named = [...mentions(/npx millrace /), ...mentions(/npm run millrace -- /)];
    expect(named.length).toBeGreaterThan(10);
    expect(named.flatMap(faultOf)).toEqual([]);
  });

  it('name only npm scripts that there are', () => {
    const named = mentions(/npm run /);
    expect(named.length).toBeGreaterThan(10);
    expect(
      named.flatMap(({ where, words: [name = ''] }) =>
        name in scripts ? [] : [`${where}: there is no script ${name}`],
      ),
    ).toEqual([]);
  });

  it('have code blocks that a script can follow, in the README', () => {
    const uses = blocksOf(readFileSync(join(ROOT, 'README.md'), 'utf8')).map(({ use }) => use.kind);
    expect(uses.slice(0, 2)).toEqual(['read', 'run']);
    expect(uses).toEqual(expect.arrayContaining(['background', 'account', 'check']));
  });

  it.each(PAGES)('%s links only files that there are', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
    const missing = links.filter((path) => globSync(join(ROOT, page, '..', decodeURI(path))).length === 0);
    expect(missing).toEqual([]);
  });
});
