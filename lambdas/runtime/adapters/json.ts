import { type EventName, type JsonAdapterManifest, subjectOf } from '../../core/adapter.ts';
import {
  type Adapted,
  type Adapter,
  type AdapterPlace,
  at,
  envelope,
  IGNORED,
  idOf,
  instant,
  isMembers,
  type Members,
  nameIn,
  unadaptable,
} from './adapter.ts';

/** Bare JSON, mapped by the manifest. */
export const jsonAdapter = (manifest: JsonAdapterManifest): Adapter => ({
  subjectOf: (partitionKey) => subjectOf(partitionKey, manifest.partitionKey),
  adapt: (value, place) => {
    if (!isMembers(value)) return unadaptable('The record is no JSON object');
    const name = nameOf(manifest, value);
    if (name === undefined)
      return unadaptable(`The manifest names no event type for the value of ${pathOfType(manifest)}`);
    return name === 'ignore' ? IGNORED : eventOf(manifest, name, value, place);
  },
});

function eventOf(manifest: JsonAdapterManifest, name: EventName, value: Members, place: AdapterPlace): Adapted {
  const subject = nameIn(at(value, manifest.subject));
  if (subject === undefined)
    return unadaptable(`${manifest.subject}, which names the subject, is no text and no integer`);
  const time = timeOf(manifest, value, place);
  if (time === undefined) return unadaptable(`${pathOfTime(manifest)} is no time of the kind that the manifest says`);
  const id = idIn(manifest, value, place);
  if (id === undefined) return unadaptable('The member that the id is taken from is no text and no integer');
  const data = manifest.data === undefined ? value : at(value, manifest.data);
  return envelope(name, { id, source: manifest.source, subject, time }, data);
}

function nameOf({ type }: JsonAdapterManifest, value: Members): EventName | 'ignore' | undefined {
  if (typeof type === 'string') return type;
  const told = nameIn(at(value, type.path));
  return told !== undefined && Object.hasOwn(type.names, told) ? type.names[told] : undefined;
}

const pathOfType = ({ type }: JsonAdapterManifest): string => (typeof type === 'string' ? type : type.path);
const pathOfTime = ({ time }: JsonAdapterManifest): string => (time === 'arrival' ? time : time.path);

function timeOf({ time }: JsonAdapterManifest, value: Members, place: AdapterPlace): string | undefined {
  if (time === 'arrival') return instant(place.arrivalMs);
  const told = at(value, time.path);
  // A text is judged with the envelope.
  if (time.as === 'rfc3339') return typeof told === 'string' ? told : undefined;
  return typeof told === 'number' ? instant(time.as === 'epoch-seconds' ? told * 1000 : told) : undefined;
}

function idIn({ id }: JsonAdapterManifest, value: Members, { position, keySubject }: AdapterPlace): string | undefined {
  if (id.from === 'path') return nameIn(at(value, id.path));
  if (id.from === 'content') return idOf(keySubject, value);
  return `${position.shard}:${position.sequence}:${position.index}`;
}
