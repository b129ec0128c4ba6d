import type { Finding, Place } from './finding.ts';
import { type ArrayShape, NOTHING, type ObjectShape, type Shape } from './shape.ts';
import { accepts } from './values.ts';

/** Compares the shapes of parts. */
export type Within = (writer: Shape, reader: Shape, at: Place) => Finding[];

/** Lists that the writer may send and the reader refuses. */
export function listWithin(writer: ArrayShape, reader: ArrayShape, at: Place, within: Within): Finding[] {
  const findings: Finding[] = [];
  const sent = Number.isFinite(writer.maxItems) ? `up to ${writer.maxItems} items` : 'of any length';
  if (writer.minItems < reader.minItems) {
    const detail = `{writer} sends lists from ${writer.minItems} items, {reader} takes them from ${reader.minItems}`;
    findings.push(at.finding('min-items', detail));
  }
  // A list is no longer than its last possible item.
  const longest = writer.rest.kind === 'nothing' ? Math.min(writer.maxItems, writer.first.length) : writer.maxItems;
  if (longest > reader.maxItems) {
    findings.push(at.finding('max-items', `{writer} sends lists ${sent}, {reader} takes up to ${reader.maxItems}`));
  }
  if (reader.unique && !writer.unique && longest > 1) {
    findings.push(at.finding('unique-items', '{reader} takes no repeated items, {writer} may send them'));
  }
  const named = Math.max(writer.first.length, reader.first.length);
  const both = Math.min(longest, reader.maxItems);
  for (let index = 0; index < Math.min(named, both); index++) {
    const item = writer.first[index] ?? writer.rest;
    findings.push(...within(item, reader.first[index] ?? reader.rest, at.items(index)));
  }
  return both > named ? [...findings, ...within(writer.rest, reader.rest, at.items())] : findings;
}

/** Objects that the writer may send and the reader refuses. */
export function objectWithin(writer: ObjectShape, reader: ObjectShape, at: Place, within: Within): Finding[] {
  return [
    ...declared(writer, reader, at, within),
    ...undeclaredByReader(writer, reader, at, within),
    ...undeclaredByBoth(writer, reader, at, within),
    ...memberCount(writer, reader, at),
  ];
}

/** What the writer may send under a name that it does not declare. */
function openTo(writer: ObjectShape, name: string): Shape {
  if (writer.others === 'ignored' || accepts(writer.names, name) === false) return NOTHING;
  return writer.others;
}

/** Members that the reader declares. */
function declared(writer: ObjectShape, reader: ObjectShape, at: Place, within: Within): Finding[] {
  return [...reader.members].flatMap(([name, { shape, required }]) => {
    const own = writer.members.get(name);
    const place = at.member(name);
    if (own !== undefined) {
      const missing = required && !own.required;
      const absent = missing ? [place.finding('required', '{writer} may leave it out, {reader} requires it')] : [];
      return [...absent, ...within(own.shape, shape, place)];
    }
    const sent = openTo(writer, name);
    const absent = required
      ? [
          place.finding(
            'required',
            `${sent === NOTHING ? '{writer} has no such member' : '{writer} may leave it out'}, {reader} requires it`,
          ),
        ]
      : [];
    const refused = within(sent, shape, place);
    if (refused.length === 0) return absent;
    const proven = refused.some((finding) => finding.proven);
    const detail = '{writer} does not declare it and lets it be sent with any value, {reader} declares what it takes';
    return [...absent, place.finding('additional-members', detail, proven)];
  });
}

/** Members that the writer alone declares. */
function undeclaredByReader(writer: ObjectShape, reader: ObjectShape, at: Place, within: Within): Finding[] {
  return [...writer.members].flatMap(([name, { shape }]) => {
    const place = at.member(name);
    const findings = nameWithin(name, reader, place);
    if (reader.members.has(name) || reader.others === 'ignored') return findings;
    if (shape.kind === 'nothing') return [];
    if (reader.others.kind === 'nothing') {
      return [
        ...findings,
        place.finding('additional-members', '{writer} sends it, {reader} refuses members that it does not declare'),
      ];
    }
    return [...findings, ...within(shape, reader.others, place)];
  });
}

function nameWithin(name: string, reader: ObjectShape, place: Place): Finding[] {
  const verdict = accepts(reader.names, name);
  if (verdict === true) return [];
  return [place.finding('member-names', '{reader} refuses the name of this member', verdict === false)];
}

/** Members that neither declares: those of records and of open objects. */
function undeclaredByBoth(writer: ObjectShape, reader: ObjectShape, at: Place, within: Within): Finding[] {
  if (writer.others === 'ignored' || writer.others.kind === 'nothing') return [];
  if (writer.names.kind === 'values' && writer.names.values.every((name) => writer.members.has(String(name))))
    return [];
  const names = renamed(within(asTexts(writer.names), reader.names, at.members()), at);
  if (reader.others === 'ignored') return names;
  if (reader.others.kind === 'nothing') {
    const detail = '{writer} sends members under names of their own, {reader} refuses members that it does not declare';
    return [...names, at.members().finding('additional-members', detail)];
  }
  return [...names, ...within(writer.others, reader.others, at.members())];
}

/** Names are texts, even where the schema does not say so. */
const asTexts = (names: Shape): Shape =>
  names.kind === 'anything'
    ? { kind: 'string', minLength: 0, maxLength: Number.POSITIVE_INFINITY, patterns: [], formats: [] }
    : names;

const renamed = (findings: readonly Finding[], at: Place): Finding[] =>
  findings.map(({ detail, proven }) => at.members().finding('member-names', `names of members: ${detail}`, proven));

function memberCount(writer: ObjectShape, reader: ObjectShape, at: Place): Finding[] {
  const required = [...writer.members.values()].filter((member) => member.required).length;
  const least = Math.max(writer.minMembers, required);
  const closed = writer.others === 'ignored' || writer.others.kind === 'nothing';
  const most = Math.min(writer.maxMembers, closed ? writer.members.size : Number.POSITIVE_INFINITY);
  const findings: Finding[] = [];
  if (least < reader.minMembers) {
    const detail = `{writer} sends ${least} members or more, {reader} takes objects from ${reader.minMembers}`;
    findings.push(at.finding('member-count', detail));
  }
  if (most > reader.maxMembers) {
    const sent = Number.isFinite(most) ? `up to ${most}` : 'any number of';
    findings.push(
      at.finding('member-count', `{writer} sends ${sent} members, {reader} takes up to ${reader.maxMembers}`),
    );
  }
  return findings;
}
