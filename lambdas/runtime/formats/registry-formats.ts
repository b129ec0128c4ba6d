import { attempt, eachLimit } from '../attempt.ts';
import { isAggregate, userRecords } from '../decode/aggregate.ts';
import type { Formats, Unready } from '../decode/formats.ts';
import { DECODE_LIMITS } from '../decode/limits.ts';
import { inspectValue, type Payload, Undecodable } from '../decode/payload.ts';
import type { RawRecord } from '../decode/record.ts';
import { type Environment, TransientError } from '../ports.ts';
import { type Codec, UnusableSchema } from './codec.ts';
import { codecOf } from './codecs.ts';
import { bodyOf, isFramed, schemaIdOf } from './header.ts';
import type { SchemaSource } from './schema-source.ts';

/** Look-ups in flight at once, and how often one is tried in an invocation before its records wait for the next. */
const LOOK_UPS = 8;
const ATTEMPTS = 3;
const BACKOFF_MS = 200;
/** Schemas that are kept; the oldest go first. */
const MOST_SCHEMAS = 500;
/** An id without a schema is asked for again after so long: it may have been registered since, in a copy of the registry. */
const UNKNOWN_MS = 60_000;

/** What look-ups need of time and chance. */
export type Clock = Pick<Environment, 'now' | 'sleep' | 'random'>;

type Known = { readonly codec: Codec } | { readonly unknown: string; readonly untilMs: number };

/** Reads records by the schemas that a registry has. One per Lambda environment: schemas are kept over invocations. */
export function registryFormats(source: SchemaSource, environment: Clock): Formats {
  const known = new Map<string, Known>();
  const remember = (id: string, what: Known): void => {
    known.delete(id);
    known.set(id, what);
    for (const oldest of known.keys()) if (known.size > MOST_SCHEMAS) known.delete(oldest);
  };
  const missing = (id: string): boolean => {
    const schema = known.get(id);
    return schema === undefined || ('unknown' in schema && schema.untilMs <= environment.now());
  };
  return {
    isFramed,
    parse: (data) => parse(known.get(schemaIdOf(data)), data),
    prepare: async (records, signal) => {
      const framed = framedIn(records);
      const ids = [...new Set(framed.flatMap(({ ids }) => ids))].filter(missing);
      let trouble: TransientError | undefined;
      const failed = new Set<string>();
      await eachLimit(ids, LOOK_UPS, async (id) => {
        const found = await lookUp(source, environment, id, signal);
        if (!(found instanceof TransientError)) return remember(id, found);
        failed.add(id);
        trouble ??= found;
      });
      return unready(framed, failed, trouble);
    },
  };
}

function parse(schema: Known | undefined, data: Uint8Array): Payload {
  if (schema === undefined) throw new Error(`The schema ${schemaIdOf(data)} was not prepared`);
  if ('unknown' in schema) throw new Undecodable('record.unknown-schema', schema.unknown, { schema: schemaIdOf(data) });
  const body = bodyOf(data);
  const value = schema.codec.decode(body);
  return { value, bytes: body.length, values: inspectValue(value) };
}

/** Full jitter between attempts. */
async function lookUp(
  source: SchemaSource,
  environment: Clock,
  id: string,
  signal: AbortSignal,
): Promise<Known | TransientError> {
  for (let tries = 1; ; tries++) {
    const found = await attempt(signal, () => source.load(id, signal));
    if (!(found instanceof TransientError)) return knownAs(found, environment);
    if (tries === ATTEMPTS || signal.aborted) return found;
    const pause = environment.random() * BACKOFF_MS * 2 ** tries;
    await attempt(signal, () => environment.sleep(pause, signal));
  }
}

async function knownAs(found: Awaited<ReturnType<SchemaSource['load']>>, environment: Clock): Promise<Known> {
  const unknown = (why: string): Known => ({ unknown: why, untilMs: environment.now() + UNKNOWN_MS });
  if (found === 'unknown') {
    return unknown("The registry has no schema version of this id: is it registered in the stage's registry?");
  }
  try {
    return { codec: await codecOf(found) };
  } catch (error) {
    if (error instanceof UnusableSchema) return unknown(`The schema cannot be used: ${error.message}`);
    throw error;
  }
}

interface Framed {
  readonly record: number;
  readonly ids: readonly string[];
  readonly partitionKeys: readonly string[];
}

/** Records with the header, alone or inside an aggregate. What cannot be read is left for decoding to reject. */
const framedIn = (records: readonly RawRecord[]): readonly Framed[] =>
  records.flatMap(({ data, partitionKey }, record): Framed[] => {
    if (isFramed(data)) return [{ record, ids: [schemaIdOf(data)], partitionKeys: [partitionKey] }];
    if (!isAggregate(data)) return [];
    const parts = readable(data);
    const ids = parts.filter((part) => isFramed(part.data)).map((part) => schemaIdOf(part.data));
    return ids.length === 0 ? [] : [{ record, ids, partitionKeys: parts.map((part) => part.partitionKey) }];
  });

function readable(data: Uint8Array): ReturnType<typeof userRecords> {
  try {
    return userRecords(data, DECODE_LIMITS.eventsPerRecord);
  } catch {
    // Decoding meets the same fault, and gives it its code.
    return [];
  }
}

/** A record waits as a whole: left out in part, its events would get other positions once it is complete. */
const unready = (framed: readonly Framed[], failed: ReadonlySet<string>, trouble: Unready['trouble']): Unready => ({
  held: new Map(
    framed
      .filter(({ ids }) => ids.some((id) => failed.has(id)))
      .map(({ record, partitionKeys }) => [record, [...new Set(partitionKeys)]]),
  ),
  trouble,
});
