import { listWithin, objectWithin, type Within } from './containers.ts';
import { typesOf } from './disjoint.ts';
import { type Finding, Place } from './finding.ts';
import { type Json, textOf } from './json.ts';
import { numberWithin, textWithin } from './scalars.ts';
import { ANYTHING, type Shape } from './shape.ts';
import { alternativeFor, placeOf, typeNameOf } from './unions.ts';
import { accepts } from './values.ts';

/**
 * Why a reader cannot read all that a writer may send: empty only if it is proven that it can. Data without undeclared members are taken
 * where the writer's objects ignore those. What cannot be decided is a finding that is not `proven`.
 */
export function findingsOf(writer: Shape, reader: Shape): readonly Finding[] {
  // A recursive schema leads back to a pair that is being compared: no finding there, then none at all (values are finite).
  const assumed = new Set<string>();
  const within: Within = (w, r, at) => {
    if (r.kind === 'anything' || w.kind === 'nothing') return [];
    if (alike(w, r)) return [];
    if (w.kind === 'reference' || r.kind === 'reference') return followed(w, r, at);
    if (r.kind === 'both') return r.of.flatMap((part) => within(w, part, at));
    if (w.kind === 'anything') return anything(r, at, within);
    if (w.kind === 'either') return w.of.flatMap((part, index) => within(part, r, placeOf(w.of, index, at)));
    if (w.kind === 'values') return w.values.flatMap((value) => valueWithin(value, r, at));
    if (w.kind === 'both') return anyPart(w.of, r, at, within);
    if (r.kind === 'either') return alternativeFor(w, r.of, r.exactlyOne, at, within);
    return ofOneKind(w, r, at, within);
  };
  const followed: Within = (w, r, at) => {
    const pair = `${keyOf(w)} < ${keyOf(r)}`;
    if (assumed.has(pair)) return [];
    assumed.add(pair);
    const findings = within(targetOf(w), targetOf(r), at);
    // Assumed only on the way down: a branch that failed must not vouch for the next one.
    assumed.delete(pair);
    return findings;
  };
  return within(writer, reader, new Place());
}

const targetOf = (shape: Shape): Shape => (shape.kind === 'reference' ? shape.target() : shape);

let shapes = 0;
const keys = new WeakMap<Shape, number>();
/** Tells the shapes of one comparison apart; references to one place are the same. */
function keyOf(shape: Shape): string {
  if (shape.kind === 'reference') return keyOf(shape.target());
  const known = keys.get(shape) ?? ++shapes;
  keys.set(shape, known);
  return String(known);
}

/** Combinations that are the same text: nothing in them need be understood to know that they accept the same. */
function alike(w: Shape, r: Shape): boolean {
  if (w.kind !== r.kind || (w.kind !== 'both' && w.kind !== 'either')) return false;
  const text = shapeText(w);
  return !text.includes(REFERENCE) && text === shapeText(r);
}

/** References are only names, and may stand for different things in two documents. */
const REFERENCE = '"kind":"reference"';
const shapeText = (shape: Shape): string =>
  JSON.stringify(shape, (_, part: unknown) => {
    if (part instanceof Map) return [...part].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    return part === Number.POSITIVE_INFINITY || part === Number.NEGATIVE_INFINITY ? String(part) : part;
  });

const UNBOUNDED = Number.POSITIVE_INFINITY;
const EVERY_TYPE: readonly Shape[] = [
  { kind: 'values', values: [null, false, true] },
  { kind: 'string', minLength: 0, maxLength: UNBOUNDED, patterns: [], formats: [] },
  {
    kind: 'number',
    low: { at: Number.NEGATIVE_INFINITY, open: false },
    high: { at: UNBOUNDED, open: false },
    multiplesOf: [],
  },
  { kind: 'array', minItems: 0, maxItems: UNBOUNDED, unique: false, first: [], rest: ANYTHING },
  { kind: 'object', members: new Map(), others: ANYTHING, names: ANYTHING, minMembers: 0, maxMembers: UNBOUNDED },
];

/** A writer that may send whatever it likes. */
function anything(r: Shape, at: Place, within: Within): Finding[] {
  const findings = EVERY_TYPE.flatMap((one) => within(one, r, at));
  const [first] = findings;
  if (first === undefined) return [];
  return [
    at.finding(
      'type',
      `{writer} sends any value, {reader} takes ${typeNameOf(r)}`,
      findings.some((f) => f.proven),
    ),
  ];
}

/** Shapes of which neither is a union or a set of values. */
function ofOneKind(w: Shape, r: Shape, at: Place, within: Within): Finding[] {
  if (w.kind === 'opaque' && r.kind === 'opaque' && w.keyword === r.keyword && w.text === r.text) return [];
  if (r.kind === 'opaque') return [opaque(r.keyword, r.text, at)];
  if (w.kind === 'string' && r.kind === 'string') return textWithin(w, r, at);
  if (w.kind === 'number' && r.kind === 'number') return numberWithin(w, r, at);
  if (w.kind === 'array' && r.kind === 'array') return listWithin(w, r, at, within);
  if (w.kind === 'object' && r.kind === 'object') return objectWithin(w, r, at, within);
  if (w.kind === 'opaque')
    return [at.finding('keyword', `{writer} has ${w.keyword}, from which nothing can be proven`, false)];
  if (r.kind === 'values' && typesOf(r).has(typeNameOf(w) as never)) {
    return [at.finding('enum', `{writer} sends any ${typeNameOf(w)}, {reader} takes only ${listed(r.values)}`)];
  }
  return [at.finding('type', `{writer} sends ${typeNameOf(w)}, {reader} takes ${typeNameOf(r)}`)];
}

const opaque = (keyword: string, text: string, at: Place): Finding =>
  keyword === 'x-refinements'
    ? at.finding('refinement', `{reader} demands a rule of its own, "${text}", which {writer} may not keep`, false)
    : at.finding('keyword', `{reader} has ${keyword}, which this check cannot compare`, false);

const listed = (values: readonly Json[]): string => {
  const texts = values.slice(0, 8).map((value) => textOf(value));
  return values.length > texts.length
    ? `${texts.join(', ')} and ${values.length - texts.length} more`
    : texts.join(', ');
};

function valueWithin(value: Json, r: Shape, at: Place): Finding[] {
  const verdict = accepts(r, value);
  if (verdict === true) return [];
  if (verdict === undefined) {
    return [at.finding('enum', `whether {reader} takes ${textOf(value)} cannot be proven`, false)];
  }
  if (value === null) return [at.finding('nullable', '{writer} may send null, {reader} refuses it')];
  const values = r.kind === 'values' ? `, which takes ${listed(r.values)}` : '';
  const rule = typesOf(r).has(typeof value as never) || r.kind === 'values' ? 'enum' : 'type';
  return [at.finding(rule, `{writer} sends ${textOf(value)}, unknown to {reader}${values}`)];
}

/**
 * What keeps several constraints at once is within the reader as soon as what keeps one of them is. Not of objects, since each of their
 * constraints speaks of its own members alone.
 */
function anyPart(parts: readonly Shape[], r: Shape, at: Place, within: Within): Finding[] {
  const objects = parts.filter((part) => part.kind !== 'opaque' && typesOf(part).has('object'));
  if (objects.length > 1) return [undecided(at)];
  const tried = parts.map((part) => within(part, r, at));
  if (tried.some((findings) => findings.length === 0)) return [];
  const [only, more] = tried.filter((_, index) => parts[index]?.kind !== 'opaque');
  if (only === undefined || more !== undefined) return (only ?? [undecided(at)]).map((f) => ({ ...f, proven: false }));
  return only;
}

const undecided = (at: Place): Finding =>
  at.finding('keyword', '{writer} combines constraints (allOf) in a way that this check cannot compare', false);
