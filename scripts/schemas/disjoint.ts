import { apart } from './scalars.ts';
import { type JsonType, type ObjectShape, type Shape, typeOfValue } from './shape.ts';
import { accepts } from './values.ts';

const ALL_TYPES: readonly JsonType[] = ['null', 'boolean', 'string', 'number', 'array', 'object'];

/** Types of the values that a shape may accept, and perhaps more. */
export function typesOf(shape: Shape): ReadonlySet<JsonType> {
  switch (shape.kind) {
    case 'nothing':
      return new Set();
    case 'values':
      return new Set(shape.values.map(typeOfValue));
    case 'string':
    case 'number':
    case 'array':
    case 'object':
      return new Set([shape.kind]);
    case 'either':
      return new Set(shape.of.flatMap((part) => [...typesOf(part)]));
    case 'both': {
      const sets = shape.of.map(typesOf);
      return new Set(ALL_TYPES.filter((type) => sets.every((set) => set.has(type))));
    }
    default:
      return new Set(ALL_TYPES);
  }
}

/** Whether no value that the writer may send is accepted by the other: proven, so `false` means nothing. */
export function disjoint(writer: Shape, other: Shape): boolean {
  if (writer.kind === 'reference' || other.kind === 'reference') return false;
  if (writer.kind === 'values') return writer.values.every((value) => accepts(other, value) === false);
  if (other.kind === 'values') return other.values.every((value) => accepts(writer, value) === false);
  const types = typesOf(other);
  if (![...typesOf(writer)].some((type) => types.has(type))) return true;
  if (writer.kind === 'either') return writer.of.every((part) => disjoint(part, other));
  if (other.kind === 'either') return other.of.every((part) => disjoint(writer, part));
  if (writer.kind === 'both') return writer.of.some((part) => disjoint(part, other));
  if (other.kind === 'both') return other.of.some((part) => disjoint(writer, part));
  if (writer.kind === 'number' && other.kind === 'number') return apart(writer, other);
  return writer.kind === 'object' && other.kind === 'object' && toldApart(writer, other);
}

/** A member that is always there and has no value that both take: what discriminates unions. */
const toldApart = (writer: ObjectShape, other: ObjectShape): boolean =>
  [...writer.members].some(([name, member]) => {
    const counterpart = other.members.get(name);
    const present = member.required || (counterpart?.required ?? false);
    return present && counterpart !== undefined && disjoint(member.shape, counterpart.shape);
  });
