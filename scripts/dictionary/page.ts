import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Column, columns } from '../../local/cli/export/columns.ts';
import { inBlock } from '../blocks.ts';
import { type Attribute, protocolAttributes, stateAttributes } from './attributes.ts';

/** The page with the dictionary of attributes. */
export const ANALYSTS_PAGE = 'docs/analysts.md';

const ROOT = join(import.meta.dirname, '../..');

/** docs/analysts.md with its generated parts as the schemas are now. */
export function analystsPage(): string {
  const parts: Readonly<Record<string, string>> = {
    state: dictionary(stateAttributes()),
    protocol: dictionary(protocolAttributes()),
    athena: athena(columns()),
    'athena export': athenaExport(columns()),
  };
  return Object.entries(parts).reduce(
    (page, [name, text]) => inBlock(ANALYSTS_PAGE, page, `npm run dictionary (${name})`, text),
    readFileSync(join(ROOT, ANALYSTS_PAGE), 'utf8'),
  );
}

function dictionary(attributes: readonly Attribute[]): string {
  const rows = attributes.map(({ name, type, says, present, personal, indexes }) =>
    [`\`${name}\``, type, says, present, personal ? 'yes' : '', indexes.map((index) => `\`${index}\``).join(', ')].join(
      ' | ',
    ),
  );
  return [
    '| attribute | type | what it says | in | personal | index |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

const ATHENA_TYPES = { text: 'string', integer: 'bigint', time: 'timestamp', json: 'string' } as const;

/** A table over the files that `profile export --format parquet --personal` writes. Athena's names are lower-case. */
const athena = (all: readonly Column[]): string =>
  ddl(
    'profiles',
    all.map(({ name, type }) => `  \`${name.toLowerCase()}\` ${ATHENA_TYPES[type]}`),
    ['STORED AS PARQUET', "LOCATION 's3://BUCKET/profiles/'"],
  );

/** DynamoDB's types in its JSON, as structs that have the member of the type alone. */
const DYNAMODB_TYPES = {
  text: 'struct<s:string>',
  integer: 'struct<n:string>',
  time: 'struct<s:string>',
  amounts: 'struct<m:map<string,struct<n:string>>>',
  texts: 'struct<l:array<struct<s:string>>>',
} as const;

/** A table over what DynamoDB exports to S3 as DYNAMODB_JSON. Lists of lists are left out: their members have no common type. */
function athenaExport(all: readonly Column[]): string {
  const members = all.flatMap(({ name, type }) => {
    const shape = type === 'json' ? JSON_SHAPES[name] : type;
    // The version is an attribute of the protocol, under another name.
    return shape === undefined || name === 'version' ? [] : [`    ${name.toLowerCase()}:${DYNAMODB_TYPES[shape]}`];
  });
  return ddl(
    'profiles_export',
    [`  item struct<\n${members.join(',\n')}\n  >`],
    [
      "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
      "LOCATION 's3://BUCKET/PREFIX/AWSDynamoDB/EXPORT-ID/data/'",
    ],
  );
}

const JSON_SHAPES: Readonly<Record<string, keyof typeof DYNAMODB_TYPES | undefined>> = {
  cartValue: 'amounts',
  totalSpend: 'amounts',
  orders: 'amounts',
  recentProducts: 'texts',
};

const ddl = (table: string, columnLines: readonly string[], rest: readonly string[]): string =>
  ['```sql', `CREATE EXTERNAL TABLE ${table} (`, columnLines.join(',\n'), ')', ...rest, '```'].join('\n');
