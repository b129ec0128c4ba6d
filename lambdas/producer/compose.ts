import { type EventDefinition, newestVersion } from '../core/catalogue.ts';
import { type CloudEvent, dataSchemaOf } from '../core/event.ts';
import { checkData, checkEnvelope, encodeEvents, encodePlain } from './encode.ts';
import { InvalidEventError } from './errors.ts';
import type { Encoded } from './item.ts';
import { isPlainName, isPlainTime } from './plain-envelope.ts';

/** What the caller says of an event; the producer fills in the rest. */
export interface EventFields<Data> {
  /** The entity that it is about, and the key: all events of one subject stay in order. 1 to 256 characters. */
  readonly subject: string;
  readonly data: Data;
  /** Unique at the source. Given by a caller who may send the event again after a crash; a retry of the producer's own keeps it anyway. */
  readonly id?: string;
  /** When it happened; RFC 3339 if it is a text. Default: now. */
  readonly time?: string | Date;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** Number of the event at its source. */
  readonly sequence?: string;
  /** Arrival time to use instead of Kinesis's, in a stage's replay mode only. RFC 3339. */
  readonly recordedtime?: string;
}

/** What all events of a definition have in common. */
interface Template {
  readonly version: number;
  readonly dataschema: string;
  /** Writes the JSON of an event up to its data, and how long that is but for twice the subject, id and time. Undefined if it is not plain. */
  readonly plain: { readonly head: (event: CloudEvent) => string; readonly bytes: number } | undefined;
}

/** Makes events of definitions, and judges them as their readers will. */
export class Composer {
  readonly #source: string;
  readonly #newId: () => string;
  readonly #now: () => number;
  readonly #templates = new WeakMap<EventDefinition, Template>();
  #latest = { ms: Number.NaN, text: '' };

  constructor(source: string, newId: () => string, now: () => number) {
    this.#source = source;
    this.#newId = newId;
    this.#now = now;
  }

  /** @throws InvalidEventError, OversizeEventError. */
  encode<Data>(definition: EventDefinition<string, Data>, fields: EventFields<Data>, gzip: boolean): Encoded {
    const { version, dataschema, plain } = this.#templateOf(definition);
    const { subject, data } = fields;
    const id = fields.id ?? this.#newId();
    const time = this.#timeOf(fields.time);
    const extensions = extensionsOf(fields);
    const event: CloudEvent = {
      specversion: '1.0',
      id,
      source: this.#source,
      type: definition.type,
      time,
      subject,
      dataschema,
      datacontenttype: 'application/json',
      partitionkey: subject,
      ...extensions,
      data,
    };
    const isPlain = extensions === undefined && isPlainName(id) && isPlainName(subject) && isPlainTime(time);
    if (!isPlain || plain === undefined) {
      checkEnvelope(event);
      checkData(definition, version, data);
      return encodeEvents(subject, [event], gzip);
    }
    checkData(definition, version, data);
    return encodePlain(event, plain.head, plain.bytes + id.length + time.length + 2 * subject.length, gzip);
  }

  #templateOf(definition: EventDefinition): Template {
    const known = this.#templates.get(definition);
    if (known !== undefined) return known;
    const { type } = definition;
    const source = this.#source;
    const version = newestVersion(definition);
    const dataschema = dataSchemaOf(type, version);
    const isPlain = [source, type, dataschema].every(isPlainName);
    const template = { version, dataschema, plain: isPlain ? plainHead(source, type, dataschema) : undefined };
    this.#templates.set(definition, template);
    return template;
  }

  #timeOf(time: string | Date | undefined): string {
    if (time === undefined) {
      const ms = this.#now();
      if (ms !== this.#latest.ms) this.#latest = { ms, text: new Date(ms).toISOString() };
      return this.#latest.text;
    }
    if (typeof time === 'string') return time;
    if (Number.isNaN(time.getTime())) throw new InvalidEventError('Invalid event', ['time: is an invalid Date']);
    return time.toISOString();
  }
}

/** Of texts that JSON leaves as they are. */
function plainHead(source: string, type: string, dataschema: string): NonNullable<Template['plain']> {
  const afterId = `","source":"${source}","type":"${type}","time":"`;
  const afterSubject = `","dataschema":"${dataschema}","datacontenttype":"application/json","partitionkey":"`;
  const head = ({ id, time, subject }: Pick<CloudEvent, 'id' | 'time' | 'subject'>): string =>
    `{"specversion":"1.0","id":"${id}${afterId}${time}","subject":"${subject}${afterSubject}${subject}","data":`;
  return { head, bytes: head({ id: '', time: '', subject: '' }).length };
}

/** What the caller says beyond what every event has. Undefined if it is nothing, as it mostly is. */
function extensionsOf(fields: EventFields<unknown>): object | undefined {
  for (const name in fields) {
    if (name === 'subject' || name === 'data' || name === 'id' || name === 'time') continue;
    const { subject, data, id, time, ...extensions } = fields;
    return extensions;
  }
  return undefined;
}
