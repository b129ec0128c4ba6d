/** How much memory and stack a reader needs for a JSON text, whatever its length. */
export interface JsonWeight {
  /** Texts, numbers, lists and objects in it. */
  readonly values: number;
  /** Levels of lists and objects. */
  readonly depth: number;
}

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('",[]{}') as unknown as [
  number,
  number,
  number,
  number,
  number,
  number,
];

/** Weighs a text as JSON.stringify writes it, without white space. Of anything else the weight is meaningless. */
export function weigh(json: string): JsonWeight {
  let values = 1;
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfText(json, at);
    else if (code === COMMA) values++;
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (++depth > deepest) deepest = depth;
      const next = json.charCodeAt(at + 1);
      if (next !== CLOSE_OBJECT && next !== CLOSE_LIST) values++;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--;
  }
  return { values, depth: deepest };
}

/** Index of the quote that closes the text that `start` opens. */
function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end === -1 ? json.length : end;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/**
 * What every reader refuses, wherever it is in the JSON: a member called `__proto__`, half a surrogate pair. Undefined if there is neither.
 */
export function forbiddenIn(json: string): string | undefined {
  // Only a text with these marks can hold either; most do not, and are not parsed again.
  if (!json.includes('"__proto__"') && !json.includes('\\ud')) return undefined;
  const open: unknown[] = [JSON.parse(json)];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node === 'string' && !node.isWellFormed()) return 'a text holds half a surrogate pair';
    if (typeof node !== 'object' || node === null) continue;
    if (Object.hasOwn(node, '__proto__')) return 'a member is called __proto__';
    for (const [name, part] of Object.entries(node)) {
      open.push(name);
      if (part !== null) open.push(part);
    }
  }
  return undefined;
}
