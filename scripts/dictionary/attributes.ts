import { ATTRIBUTES } from '../../lambdas/core/names.ts';
import type { CartLine } from '../../lambdas/systems/profiles/reducer.ts';
import { profiles, SEGMENT_INDEX } from '../../lambdas/systems/profiles/system.ts';
import { type Column, columns } from '../../local/cli/export/columns.ts';

/** An attribute of a row of the table `profiles`. */
export interface Attribute {
  readonly name: string;
  /** As DynamoDB stores it. */
  readonly type: string;
  readonly says: string;
  /** In which rows it is. */
  readonly present: string;
  readonly personal: boolean;
  readonly indexes: readonly string[];
}

/** DynamoDB's types of what views show as text, integer and time. */
const STORED = { text: 'string', integer: 'number', time: 'string, RFC 3339 in UTC', json: 'map or list' } as const;

/** What views show with the names of its members, and rows store without; checked by the compiler against the reducer's type. */
const CART_LINE: Readonly<Record<keyof CartLine & `${number}`, string>> = {
  0: 'productId',
  1: 'quantity',
  2: 'unitPrice',
  3: 'currency',
};

/** Attributes of lists and maps, in words. */
const SHAPES: Readonly<Record<string, string>> = {
  cart: `list of lists \`[${Object.values(CART_LINE).join(', ')}]\``,
  cartValue: 'map of currency to number',
  totalSpend: 'map of currency to number',
  orders: 'map of currency to number',
  recentProducts: 'list of strings',
};

/** What the protocol keeps in each row beside the state. */
const PROTOCOL: Readonly<
  Record<Exclude<keyof typeof ATTRIBUTES, 'key'>, Pick<Attribute, 'type' | 'says' | 'present'>>
> = {
  version: { type: 'number', says: 'How many commits the row has seen; each put is conditional on it', present: 'all' },
  epoch: {
    type: 'string',
    says: 'Drawn at random when the row is made: with the version it never repeats',
    present: 'all',
  },
  schema: { type: 'number', says: "Version of the state's schema in which the row was written", present: 'all' },
  positions: { type: 'map of binaries', says: 'How far the row has come in each shard of its stream', present: 'all' },
  ids: { type: 'binary', says: 'Hashes of the ids of recent events, 8 bytes each', present: 'all' },
  outbox: {
    type: 'map',
    says: 'Effects of the last commit, or their mark',
    present: 'rows whose last commit had effects',
  },
  token: { type: 'string', says: 'The invocation that wrote the row', present: 'all' },
};

/** Every attribute of the state, in the order of the schema, with what indexes add. */
export function stateAttributes(): readonly Attribute[] {
  const shown = columns().filter(({ name }) => name !== 'version');
  return [...shown.map(attributeOf), shardAttribute()];
}

/** Every attribute of the protocol. */
export const protocolAttributes = (): readonly Attribute[] =>
  Object.entries(PROTOCOL).map(([key, described]) => ({
    name: ATTRIBUTES[key as keyof typeof PROTOCOL],
    ...described,
    personal: false,
    indexes: [],
  }));

function attributeOf({ name, type, description, status, required, personal }: Column): Attribute {
  const rows = status === undefined ? 'all' : `${status} profiles`;
  return {
    name,
    type: SHAPES[name] ?? STORED[type],
    says: description,
    present: required ? rows : `${rows}, from the first such event on`,
    personal,
    indexes: indexesOf(name),
  };
}

const shardAttribute = (): Attribute => ({
  name: SEGMENT_INDEX.partitionKey,
  type: 'string',
  says: `Partition of the index \`${SEGMENT_INDEX.name}\`: the segment and one of ${SEGMENT_INDEX.shards} shards, \`high#07\``,
  present: 'active profiles with a paid order',
  personal: false,
  indexes: indexesOf(SEGMENT_INDEX.partitionKey),
});

/** Indexes in which an attribute can be read. The key of the row is in each. */
const indexesOf = (name: string): readonly string[] =>
  profiles.indexes
    .filter(({ partitionKey, sortKey, projected }) =>
      [ATTRIBUTES.key, partitionKey, sortKey.name, ...projected].includes(name),
    )
    .map((index) => index.name);
