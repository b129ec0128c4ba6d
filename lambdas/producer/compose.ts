import { type EventDefinition, newestVersion } from '../core/catalogue.ts';
import { type CloudEvent, dataSchemaOf } from '../core/event.ts';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import { checkData, checkEnvelope } from './encode.ts';
import { InvalidEventError } from './errors.ts';

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

/** Makes events of definitions, and judges them as their readers will. */
export class Composer {
  readonly #source: string;
  readonly #newId: () => string;
  readonly #now: () => number;
  /** Definitions of which an event has passed: of a plain one of these, only what the caller says is judged again. */
  readonly #known = new WeakSet<EventDefinition>();
  #latest = { ms: Number.NaN, text: '' };

  constructor(source: string, newId: () => string, now: () => number) {
    this.#source = source;
    this.#newId = newId;
    this.#now = now;
  }

  /** @throws InvalidEventError. */
  compose<Type extends string, Data>(
    definition: EventDefinition<Type, Data>,
    fields: EventFields<Data>,
  ): CloudEvent<Type, Data> {
    const { subject, data, id = this.#newId(), time, ...extensions } = fields;
    const { type } = definition;
    const version = newestVersion(definition);
    const event: CloudEvent<Type, Data> = {
      specversion: '1.0',
      id,
      source: this.#source,
      type,
      time: this.#timeOf(time),
      subject,
      dataschema: dataSchemaOf(type, version),
      datacontenttype: 'application/json',
      partitionkey: subject,
      ...extensions,
      data,
    };
    if (!(isPlain(fields, id) && this.#known.has(definition))) {
      checkEnvelope(event);
      this.#known.add(definition);
    }
    checkData(definition, version, data);
    return event;
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

/** Nothing is said of it but an id and a subject, and those are names as the envelope wants them. */
const isPlain = ({ subject, time, ...rest }: EventFields<unknown>, id: string): boolean =>
  time === undefined &&
  isName(subject) &&
  isName(id) &&
  rest.traceparent === undefined &&
  rest.sequence === undefined &&
  rest.recordedtime === undefined;

const isName = (text: unknown): boolean =>
  typeof text === 'string' && text.length > 0 && text.length <= RECORD_LIMITS.partitionKeyLength;
