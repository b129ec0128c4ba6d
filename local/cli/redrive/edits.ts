import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type CloudEvent, envelopeSchema } from '../../../lambdas/core/event.ts';
import { describeIssues } from '../../../lambdas/core/issues.ts';
import { parsePayload, Undecodable } from '../../../lambdas/runtime/decode/payload.ts';
import { CliError, reasonOf } from '../errors.ts';
import { candidateOf, isUnfit, type Reading } from './events.ts';
import type { Edits } from './expand.ts';

/** A line of an edit file; others of its members, which an export writes for people, mean nothing. */
const lineSchema = z.object({ letter: z.string().min(1), event: z.unknown() });

/**
 * Corrected events by the dead letter that each stands for, from NDJSON: `{"letter": ID, "event": {...}}`. Each is judged as the processor will.
 *
 * @throws CliError naming every line that cannot be used: then nothing has been sent.
 */
export function readEdits(file: string, reading: Reading, nowMs: number): Edits {
  const problems: string[] = [];
  const edits = new EditsSoFar();
  for (const [nth, text] of textOf(file).split('\n').entries()) {
    if (text.trim() === '') continue;
    const edit = editIn(text, reading, nowMs);
    const problem = typeof edit === 'string' ? edit : edits.add(edit, nth + 1);
    if (problem !== undefined) problems.push(`  line ${nth + 1}: ${problem}`);
  }
  if (problems.length > 0) throw new CliError(`${file} cannot be used, and nothing was sent:\n${problems.join('\n')}`);
  if (edits.byLetter.size === 0)
    throw new CliError(`${file} holds no edits: write lines such as {"letter": "...", "event": {...}}`);
  return edits.byLetter;
}

class EditsSoFar {
  readonly byLetter = new Map<string, CloudEvent>();
  readonly #byIdentity = new Map<string, { readonly event: CloudEvent; readonly line: number }>();

  /** Returns why it cannot be added: of two events under one identity the processor would apply one, and take the other for its repeat. */
  add({ letter, event }: Edit, line: number): string | undefined {
    if (this.byLetter.has(letter)) return `letter ${letter} has a line already`;
    const identity = JSON.stringify([event.source, event.id, event.subject]);
    const known = this.#byIdentity.get(identity);
    if (known !== undefined && !isDeepStrictEqual(known.event, event)) {
      return `line ${known.line} has another event under the same source and id: one of the two would be taken for a repeat`;
    }
    this.#byIdentity.set(identity, { event, line });
    this.byLetter.set(letter, event);
    return undefined;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new CliError(`${file} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

interface Edit {
  readonly letter: string;
  readonly event: CloudEvent;
}

function editIn(line: string, reading: Reading, nowMs: number): Edit | string {
  const value = valueIn(line);
  if (value instanceof Undecodable) return value.rejection.message;
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return 'no {"letter": "...", "event": {...}}';
  const { letter, event } = parsed.data;
  const envelope = envelopeSchema.safeParse(event);
  if (!envelope.success) {
    const issues = describeIssues(envelope.error, envelopeSchema).join('; ');
    return `the event is no CloudEvent as Millrace wants it (${issues})`;
  }
  const edited = event as CloudEvent;
  const record = { shard: '', sequence: '0', partitionKey: edited.subject, arrivalMs: nowMs, data: new Uint8Array() };
  const position = { stream: reading.stream, shard: '', sequence: '0', index: 0 };
  // The partition key of a stream with an adapter is that of the letter's record, which is not known yet.
  const { adapter: _, ...plain } = reading;
  const made = candidateOf(edited, { fate: 'rejected', position, record }, plain, nowMs);
  return isUnfit(made) ? made.message : { letter, event: edited };
}

/** Read as strictly as a record: a number that readers of JSON round is no number to send. */
function valueIn(line: string): unknown {
  try {
    return parsePayload(Buffer.from(line)).value;
  } catch (error) {
    if (error instanceof Undecodable) return error;
    throw error;
  }
}
