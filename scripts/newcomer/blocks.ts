/** A fenced code block of a Markdown page. */
export interface Block {
  /** The first word after the fence, `sh`; empty if there is none. */
  readonly language: string;
  /** What a script is to do with it. */
  readonly use: Use;
  readonly code: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

export type Use =
  /** Run as it stands, to its end. */
  | { readonly kind: 'run' }
  /** Started, kept running until the end, and up once it has printed the text. */
  | { readonly kind: 'background'; readonly until: string }
  /** Needs an AWS account. */
  | { readonly kind: 'account' }
  /** A change of a file: lines that go, lines that come, and those around them. */
  | { readonly kind: 'edit'; readonly file: string }
  /** Must pass the type check. */
  | { readonly kind: 'check' }
  /** To be read. */
  | { readonly kind: 'read' };

/** The page says something that no script can follow. */
export class BlockError extends Error {
  override readonly name = 'BlockError';
}

const FENCE = /^( *)```(.*)$/;

/**
 * The fenced blocks of a page, without the indentation of the list that they stand in. `sh` blocks are run unless they say `account` or
 * `background until="TEXT"`; `ts` blocks are checked, and `diff FILE` blocks change a file.
 *
 * @throws BlockError for a block that does not end, and for words that mean nothing.
 */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { indent: string; info: string; line: number; code: string[] } | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    const fence = FENCE.exec(text);
    if (open === undefined && fence) {
      open = { indent: fence[1] ?? '', info: (fence[2] ?? '').trim(), line: index + 1, code: [] };
    } else if (open !== undefined && fence && fence[2] === '') {
      const [language = ''] = open.info.split(' ');
      blocks.push({ language, use: useOf(open.info, open.line), code: open.code.join('\n'), line: open.line });
      open = undefined;
    } else if (open !== undefined) {
      open.code.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
    }
  }
  if (open !== undefined) throw new BlockError(`line ${open.line}: the code block has no end`);
  return blocks;
}

function useOf(info: string, line: number): Use {
  if (info === 'sh') return { kind: 'run' };
  if (info === 'sh account') return { kind: 'account' };
  if (info === 'ts') return { kind: 'check' };
  const file = /^diff (\S+)$/.exec(info)?.[1];
  if (file !== undefined) return { kind: 'edit', file };
  const until = /^sh background until="([^"]+)"$/.exec(info)?.[1];
  if (until !== undefined) return { kind: 'background', until };
  if (info.startsWith('sh ') || info.startsWith('ts ')) {
    throw new BlockError(`line ${line}: \`${info}\`: sh, sh account, sh background until="TEXT" or ts`);
  }
  return { kind: 'read' };
}
