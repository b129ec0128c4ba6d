import type { Direction } from './compatibility.ts';
import type { Rule } from './finding.ts';

/** The smaller change that keeps old data readable, and the one that keeps old readers reading. */
const SMALLER: Readonly<Record<Rule, { readonly BACKWARD: string; readonly FORWARD: string }>> = {
  type: both('leave its type as it is and add an optional member under another name'),
  nullable: {
    BACKWARD: 'go on taking null',
    FORWARD: 'leave the member out instead of sending null (optional instead of nullable)',
  },
  enum: { BACKWARD: 'go on taking the old values', FORWARD: 'send the new values in a new optional member' },
  required: { BACKWARD: 'make it optional, or give it a default', FORWARD: 'keep it, and keep it required' },
  'additional-members': {
    BACKWARD: 'choose a name that nobody can have sent, or go on taking any value under this one',
    FORWARD: 'do not send it where the older version refuses unknown members (z.strictObject); z.object ignores them',
  },
  'member-names': both('take the same names'),
  'member-count': both('take the same number of members'),
  'min-length': bound('shorter texts', 'no shorter texts'),
  'max-length': bound('longer texts', 'no longer texts'),
  pattern: { BACKWARD: 'do not demand a pattern that was not demanded before', FORWARD: 'keep the pattern' },
  format: { BACKWARD: 'do not demand a format that was not demanded before', FORWARD: 'keep the format' },
  minimum: bound('smaller numbers', 'no smaller numbers'),
  maximum: bound('greater numbers', 'no greater numbers'),
  'multiple-of': { BACKWARD: 'go on taking the numbers between', FORWARD: 'keep sending the same multiples' },
  'min-items': bound('shorter lists', 'no shorter lists'),
  'max-items': bound('longer lists', 'no longer lists'),
  'unique-items': { BACKWARD: 'go on taking repeated items', FORWARD: 'keep items unique' },
  union: { BACKWARD: 'keep all alternatives', FORWARD: 'do not send alternatives that older readers do not know' },
  refinement: { BACKWARD: 'do not add rules in code', FORWARD: 'keep the rule, with the same message' },
  keyword: both('express it with types, bounds, enums and unions'),
};

function both(advice: string) {
  return { BACKWARD: advice, FORWARD: advice };
}

function bound(kept: string, refused: string) {
  return { BACKWARD: `go on taking ${kept}`, FORWARD: `send ${refused} than the older version takes` };
}

/** What to do instead of a change that breaks a mode. */
export const adviceFor = (rule: Rule, direction: Direction, version: number): string =>
  `${SMALLER[rule][direction]}; or give version ${version} \`breaks\`, which says why the mode cannot be kept, beside its upcaster`;
