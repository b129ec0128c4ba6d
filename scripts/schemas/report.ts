import { isGood, type Report } from './check.ts';
import type { Break } from './compatibility.ts';

/** The report for people: what is wrong, where, and what to do. */
export function reportText(report: Report): string {
  const { problems, breaks, outdated, notes, compared } = report;
  const lines = [
    ...problems.map(({ type, version, message }) => `cannot be published: ${type} version ${version}: ${message}`),
    ...breaks.flatMap(breakLines),
    ...outdated.map((path) => `not current: ${path}; run npm run schemas -- generate`),
    ...notes.map((note) => `note: ${note}`),
  ];
  const scope = `${compared.versions} versions of ${compared.types} event types, ${compared.published} of them published (${compared.with})`;
  const wrong = problems.length + breaks.length + outdated.length;
  return [...lines, isGood(report) ? `${scope}: nothing breaks` : `${scope}: ${wrong} to mend`].join('\n');
}

function breakLines({ type, version, against, path, rule, message, instead, proven }: Break): readonly string[] {
  const pair = against === version ? '' : ` against ${against}`;
  const doubt = proven ? '' : ' [cannot be proven compatible]';
  return [`${type} version ${version}${pair}, ${path}: ${rule}: ${message}${doubt}`, `  instead: ${instead}`];
}
