import { schemaFile } from './baseline.ts';
import { type EventType, linesOf, type PublishedVersion } from './event-types.ts';
import { fieldsOf } from './fields.ts';
import { FULL_OF } from './modes-in-words.ts';

/** The page that a producer team reads: every event type, its versions, members and an example. */
export const eventsPage = (types: readonly EventType[]): string =>
  `${[HEAD, contents(types), ...types.map(section)].join('\n\n')}\n`;

const HEAD = `# Events

Every event type that the streams carry. Generated from the definitions by \`npm run schemas -- generate\`: change those, not this page.
How types may change, other formats (Avro, Protobuf, change data capture) and the check of compatibility: [schemas.md](schemas.md).

An event is a [CloudEvent 1.0](https://github.com/cloudevents/spec) in JSON:

| attribute | what to put there |
| --- | --- |
| \`specversion\` | \`1.0\` |
| \`id\` | your own id of what happened, up to 256 characters. A retry keeps it: that is how it is recognised. |
| \`source\` | who you are, a URI. Ids are unique within it. |
| \`type\` | the name of the type below |
| \`time\` | when it happened, RFC 3339 with an offset. Not when it was sent, and not in the future. |
| \`subject\` | what it is about, see the type. **The partition key of the Kinesis record must be the same text**: events of one subject keep their order. |
| \`dataschema\` | \`urn:millrace:<type>:<version>\` |
| \`data\` | the members below. What a version does not list is ignored. |

A record holds one event, or a JSON array of events of one subject; it may be gzipped. Money is an integer in minor units beside its currency.
Members marked as personal data are hidden in logs and live views. What cannot be applied goes to a dead-letter queue with the reason.`;

const anchor = (text: string): string => text.toLowerCase().replace(/[^\w-]/g, '');

const contents = (types: readonly EventType[]): string =>
  [
    '| type | version | owner | what has happened |',
    '| --- | --- | --- | --- |',
    ...types.map(
      ({ type, versions, owner, description }) =>
        `| [\`${type}\`](#${anchor(type)}) | ${versions.length} | ${owner} | ${cell(description)} |`,
    ),
  ].join('\n');

function section(type: EventType): string {
  const { owner, subject, compatibility, versions, description } = type;
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`${type.type} has no version`);
  const mark = subject.pii === undefined ? '' : `, personal data (${subject.pii})`;
  const facts = [
    `- Owner: ${owner}`,
    `- Subject, which is the partition key: ${subject.is}${mark}, such as \`${subject.example}\``,
    `- Compatibility: ${compatibility}. ${FULL_OF[compatibility]}`,
    `- Versions: ${versionList(type)}`,
  ];
  const older = versions.slice(0, -1).toReversed();
  return [
    `## ${type.type}`,
    `${description}.`,
    facts.join('\n'),
    `### Version ${newest.number}`,
    fieldTable(newest),
    `${linkTo(type, newest.number)} An event:`,
    `\`\`\`json\n${JSON.stringify(newest.example, null, 2)}\n\`\`\``,
    ...older.flatMap((version) => [
      `### Version ${version.number} (older, still read)`,
      fieldTable(version),
      linkTo(type, version.number),
    ]),
  ].join('\n\n');
}

const linkTo = ({ type }: EventType, version: number): string =>
  `JSON Schema: [${type}/${version}.json](../${schemaFile(type, version)}).`;

function versionList(type: EventType): string {
  const newest = type.versions.length;
  const texts = linesOf(type).flatMap((line) =>
    line.map(({ number, breaks }) => {
      const state = number === newest ? ' (send this one)' : '';
      return `${number}${state}${breaks === undefined ? '' : `, which breaks with those before it: ${breaks}`}`;
    }),
  );
  return texts.join('; ');
}

function fieldTable({ schema }: PublishedVersion): string {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return 'No members.';
  return [
    '| member | type | required | allowed | personal data | meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...fields.map(
      ({ path, type, required, allowed, pii, description }) =>
        `| \`${path}\` | ${cell(type)} | ${required ? 'yes' : 'no'} | ${allowed.map(cell).join('; ')} | ${pii ?? ''} | ${cell(description)} |`,
    ),
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
