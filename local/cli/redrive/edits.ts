import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CloudEvent, envelopeSchema } from '../../../lambdas/core/event.ts';
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
  const edits = new Map<string, CloudEvent>();
  for (const [nth, line] of textOf(file).split('\n').entries()) {
    if (line.trim() === '') continue;
    const made = editIn(line, reading, nowMs);
    if (typeof made === 'string') problems.push(`  line ${nth + 1}: ${made}`);
    else if (edits.has(made.letter)) problems.push(`  line ${nth + 1}: letter ${made.letter} has a line already`);
    else edits.set(made.letter, made.event);
  }
  if (problems.length > 0) throw new CliError(`${file} cannot be used, and nothing was sent:\n${problems.join('\n')}`);
  if (edits.size === 0)
    throw new CliError(`${file} holds no edits: write lines such as {"letter": "...", "event": {...}}`);
  return edits;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError(`${file} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function editIn(line: string, reading: Reading, nowMs: number): { letter: string; event: CloudEvent } | string {
  const parsed = lineSchema.safeParse(jsonIn(line));
  if (!parsed.success) return 'no {"letter": "...", "event": {...}}';
  const { letter, event } = parsed.data;
  if (!envelopeSchema.safeParse(event).success) return 'the event is no CloudEvent as Millrace wants it';
  const edited = event as CloudEvent;
  const record = { shard: '', sequence: '0', partitionKey: edited.subject, arrivalMs: nowMs, data: new Uint8Array() };
  const position = { stream: reading.stream, shard: '', sequence: '0', index: 0 };
  // The partition key of a stream with an adapter is that of the letter's record, which is not known yet.
  const { adapter: _, ...plain } = reading;
  const made = candidateOf(edited, { fate: 'rejected', position, record }, plain, nowMs);
  return isUnfit(made) ? made.message : { letter, event: edited };
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
