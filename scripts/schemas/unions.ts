import type { Within } from './containers.ts';
import { disjoint, typesOf } from './disjoint.ts';
import type { Finding, Place } from './finding.ts';
import { type Json, textOf } from './json.ts';
import type { ObjectShape, Shape } from './shape.ts';

/** Values of a discriminating member that are compared one by one, at most. */
const MOST_SPLITS = 64;

/** Some alternative must take all that the writer sends; of exactly one, no other may take any of it. */
export function alternativeFor(
  w: Shape,
  of: readonly Shape[],
  exactlyOne: boolean,
  at: Place,
  within: Within,
): Finding[] {
  const split = splitBy(w, of);
  if (split !== undefined) return split.flatMap((part) => alternativeFor(part, of, exactlyOne, at, within));
  const tried = of.map((part, index) => within(w, part, placeOf(of, index, at)));
  const found = tried.findIndex((findings) => findings.length === 0);
  const possible = of.flatMap((part, index) => (disjoint(w, part) ? [] : [index]));
  if (found >= 0) {
    const other = possible.some((index) => index !== found);
    return exactlyOne && other
      ? [at.finding('union', '{reader} demands exactly one alternative, and two may take what {writer} sends', false)]
      : [];
  }
  const [only, more] = possible.length > 0 ? possible : toldAlike(w, of);
  if (only === undefined) {
    return [at.finding('union', `no alternative of {reader} takes ${describe(w)} that {writer} sends`)];
  }
  if (more === undefined) return tried[only] ?? [];
  const kinds = possible.map((index) => of[index] as Shape);
  const detail = `that one of the ${kinds.length} alternatives of {reader} takes all of ${describe(w)} that {writer} sends cannot be proven`;
  return [at.finding('union', detail, false)];
}

/** Alternatives with the same discriminating member: the ones that are meant, even if they take nothing of it. */
const toldAlike = (w: Shape, of: readonly Shape[]): readonly number[] =>
  of.flatMap((part, index) => {
    if (w.kind !== 'object' || part.kind !== 'object') return [];
    const label = labelOf(w, 1);
    return label !== '' && label === labelOf(part, 1) ? [index] : [];
  });

const describe = (w: Shape): string => {
  const label = w.kind === 'object' ? labelOf(w, Number.POSITIVE_INFINITY) : '';
  return label === '' ? `the ${typeNameOf(w)}` : `the object with ${label}`;
};

/** The writer's objects by the values of the member that tells the reader's alternatives apart. */
function splitBy(w: Shape, of: readonly Shape[]): readonly Shape[] | undefined {
  if (w.kind !== 'object') return undefined;
  for (const [name, member] of w.members) {
    if (!member.required || member.shape.kind !== 'values') continue;
    const { values } = member.shape;
    const tells = of.filter((part) => part.kind === 'object' && part.members.get(name)?.shape.kind === 'values');
    if (values.length < 2 || values.length > MOST_SPLITS || tells.length < 2) continue;
    return values.map((value) => {
      const shape: Shape = { kind: 'values', values: [value] };
      return { ...w, members: new Map(w.members).set(name, { ...member, shape }) };
    });
  }
  return undefined;
}

/** Where an alternative is: told by its discriminating member, or by nothing if it is the only object among simple values. */
export function placeOf(of: readonly Shape[], index: number, at: Place): Place {
  const shape = of[index];
  const objects = of.filter((part) => part.kind === 'object').length;
  if (shape?.kind !== 'object' || objects < 2) return at;
  return at.alternative(labelOf(shape, 1) || `alternative ${index + 1}`);
}

/** Members that have one possible value. */
function labelOf(shape: ObjectShape, most: number): string {
  const fixed = [...shape.members].flatMap(([name, member]) =>
    member.shape.kind === 'values' && member.shape.values.length === 1
      ? [`${name} ${textOf(member.shape.values[0] as Json)}`]
      : [],
  );
  return fixed.slice(0, most).join(', ');
}

/** `string`, `object or null`, `any value`. */
export function typeNameOf(shape: Shape): string {
  const types = [...typesOf(shape)];
  return types.length === 6 ? 'any value' : types.join(' or ') || 'nothing';
}
