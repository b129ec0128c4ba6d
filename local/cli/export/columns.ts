import { z } from 'zod';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import { type ProfileView, profileSchema } from '../../../lambdas/systems/profiles/view.ts';

/** How a column's values are written: lists and maps as JSON text, times as such where a format has them. */
export type ColumnType = 'text' | 'integer' | 'time' | 'json';

/** A column of an export: an attribute of a profile, as views show it. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** What it says. */
  readonly description: string;
  /** Status of the profiles that have it, `undefined` if all do. */
  readonly status?: string;
  /** Whether all of those have it. */
  readonly required: boolean;
  /** Tells of a person: left out unless asked for. */
  readonly personal: boolean;
  valueIn(view: ProfileView): unknown;
}

/** What this code reads of a JSON Schema that zod makes. */
interface Property {
  readonly type?: string;
  readonly format?: string;
  readonly const?: string;
  readonly description?: string;
}

interface Branch {
  readonly properties: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

const branches = (): readonly Branch[] => {
  const schema = z.toJSONSchema(profileSchema) as {
    readonly oneOf?: readonly Branch[];
    readonly anyOf?: readonly Branch[];
  };
  return schema.oneOf ?? schema.anyOf ?? [];
};

/** What schemas that tell of one status only do not say. */
const UNDESCRIBED: Readonly<Record<string, string>> = {
  status: 'Whether there is a profile: `active`, or `erased`',
  erasedAt: 'Time of the first erasure',
};

/** Columns of the row itself, above those of its state. */
const ROW_COLUMNS: readonly Column[] = [
  {
    name: ATTRIBUTES.key,
    type: 'text',
    description: 'The user, as the `subject` of its events names it; the key',
    required: true,
    personal: true,
    valueIn: ({ id }) => id,
  },
  {
    name: 'version',
    type: 'integer',
    description: `How many commits the row has seen: the attribute \`${ATTRIBUTES.version}\``,
    required: true,
    personal: false,
    valueIn: ({ version }) => version,
  },
];

/** Every column, in the order of the schema: what all profiles have first. */
export function columns(personal: readonly string[] = profiles.analysts?.personal ?? []): readonly Column[] {
  const found = new Map<string, Column>();
  const all = branches();
  for (const { properties, required = [] } of all) {
    const status = properties.status?.const;
    for (const [name, property] of Object.entries(properties)) {
      const isEverywhere = all.every((branch) => name in branch.properties);
      found.set(name, {
        name,
        type: typeOf(property),
        description: property.description ?? UNDESCRIBED[name] ?? '',
        ...(isEverywhere || status === undefined ? {} : { status }),
        required: required.includes(name),
        personal: personal.includes(name),
        valueIn: ({ profile }) => profile[name],
      });
    }
  }
  return [...ROW_COLUMNS, ...found.values()];
}

function typeOf({ type, format }: Property): ColumnType {
  if (type === 'string') return format === 'date-time' ? 'time' : 'text';
  return type === 'integer' ? 'integer' : 'json';
}
