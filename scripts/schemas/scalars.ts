import type { Finding, Place } from './finding.ts';
import type { Bound, NumberShape, StringShape } from './shape.ts';
import { isMultiple } from './values.ts';

/** Texts that the writer may send and the reader refuses. */
export function textWithin(writer: StringShape, reader: StringShape, at: Place): Finding[] {
  // A pattern or format of the writer may imply what its lengths do not say.
  const plain = writer.patterns.length === 0 && writer.formats.length === 0;
  const findings: Finding[] = [];
  if (writer.minLength < reader.minLength) {
    const detail = `{writer} sends texts from ${writer.minLength} characters, {reader} takes them from ${reader.minLength}`;
    findings.push(at.finding('min-length', detail, plain));
  }
  if (writer.maxLength > reader.maxLength) {
    const most = Number.isFinite(writer.maxLength) ? `up to ${writer.maxLength} characters` : 'of any length';
    findings.push(
      at.finding('max-length', `{writer} sends texts ${most}, {reader} takes up to ${reader.maxLength}`, plain),
    );
  }
  for (const pattern of reader.patterns.filter((one) => !writer.patterns.includes(one))) {
    const detail = plain
      ? `{reader} demands the pattern ${quote(pattern)}, {writer} does not`
      : `whether what {writer} sends always has the pattern ${quote(pattern)} that {reader} demands cannot be proven`;
    findings.push(at.finding('pattern', detail, plain));
  }
  for (const format of reader.formats.filter((one) => !writer.formats.includes(one))) {
    const detail = plain
      ? `{reader} demands the format ${format}, {writer} does not`
      : `whether what {writer} sends always has the format ${format} that {reader} demands cannot be proven`;
    findings.push(at.finding('format', detail, plain));
  }
  return findings;
}

/** Patterns of dates are long. */
const quote = (pattern: string): string => (pattern.length > 60 ? `${pattern.slice(0, 57)}...` : pattern);

/** Numbers that the writer may send and the reader refuses. */
export function numberWithin(writer: NumberShape, reader: NumberShape, at: Place): Finding[] {
  const findings: Finding[] = [];
  if (!holds(writer.low, reader.low, (a, b) => a > b)) {
    findings.push(
      at.finding('minimum', `{writer} sends numbers ${from(writer.low)}, {reader} takes ${from(reader.low)}`),
    );
  }
  if (!holds(writer.high, reader.high, (a, b) => a < b)) {
    findings.push(
      at.finding('maximum', `{writer} sends numbers ${to(writer.high)}, {reader} takes ${to(reader.high)}`),
    );
  }
  for (const step of reader.multiplesOf.filter((one) => !writer.multiplesOf.some((own) => isMultiple(own, one)))) {
    const what = step === 1 ? 'integers' : `multiples of ${step}`;
    // Two multiples at once may imply a third: 2 and 3 make 6.
    const proven = writer.multiplesOf.length < 2;
    findings.push(at.finding('multiple-of', `{reader} takes ${what} only, {writer} sends others too`, proven));
  }
  return findings;
}

function holds(writer: Bound, reader: Bound, beyond: (a: number, b: number) => boolean): boolean {
  if (!Number.isFinite(reader.at)) return true;
  return beyond(writer.at, reader.at) || (writer.at === reader.at && (writer.open || !reader.open));
}

const from = ({ at, open }: Bound): string =>
  Number.isFinite(at) ? `${open ? 'above' : 'from'} ${at}` : 'of any size';
const to = ({ at, open }: Bound): string => (Number.isFinite(at) ? `${open ? 'below' : 'up to'} ${at}` : 'of any size');

/** Whether no number is in both. */
export const apart = (a: NumberShape, b: NumberShape): boolean => below(a.high, b.low) || below(b.high, a.low);

const below = (high: Bound, low: Bound): boolean => high.at < low.at || (high.at === low.at && (high.open || low.open));
