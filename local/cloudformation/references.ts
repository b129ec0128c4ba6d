/** `${Name}`, `${Name.Attribute}` and, escaped, `${!Literal}` in the text of an Fn::Sub. */
export const PLACEHOLDER = /\$\{(!?)([^}]+)\}/g;

/** Names that a value refers to by Ref, Fn::GetAtt or Fn::Sub: logical ids, parameters and pseudo-parameters. */
export function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  const intrinsic = soleEntry(value);
  return [...(intrinsic ? ownReferences(...intrinsic) : []), ...Object.values(value).flatMap(referencesOf)];
}

/** Name and argument of an object with one member, which every intrinsic function is. */
export function soleEntry(value: unknown): [string, unknown] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  return entries.length === 1 ? entries[0] : undefined;
}

function ownReferences(name: string, argument: unknown): string[] {
  const first = String(Array.isArray(argument) ? argument[0] : argument);
  switch (name) {
    case 'Ref':
      return [first];
    case 'Fn::GetAtt':
      return [beforeDot(first)];
    case 'Fn::Sub':
      return [...first.matchAll(PLACEHOLDER)].flatMap(([, escaped, placeholder = '']) =>
        escaped ? [] : [beforeDot(placeholder.trim())],
      );
    default:
      return [];
  }
}

const beforeDot = (text: string): string => text.split('.')[0] ?? '';
