/** What a reader and a writer can disagree about. Each has a test with a breaking and a compatible change. */
export const RULES = {
  type: 'the types of values that are taken',
  nullable: 'whether null is taken',
  enum: 'the values that are taken',
  required: 'members that must be there',
  'additional-members': 'members that are not declared',
  'member-names': 'the names of members of a record',
  'member-count': 'the number of members',
  'min-length': 'the shortest text',
  'max-length': 'the longest text',
  pattern: 'the pattern of a text',
  format: 'the format of a text',
  minimum: 'the least number',
  maximum: 'the greatest number',
  'multiple-of': 'what a number is a multiple of',
  'min-items': 'the shortest list',
  'max-items': 'the longest list',
  'unique-items': 'whether items may repeat',
  union: 'the alternatives of a union',
  refinement: 'a rule in code, known by its message alone',
  keyword: 'a keyword that the check does not understand',
} as const;

export type Rule = keyof typeof RULES;

/** Data that the writer may send and the reader refuses. */
export interface Finding {
  /** Where, from the data's root: `$.lines[*].quantity`; in an alternative of a union, with what tells it: `$.segment (status "active")`. */
  readonly path: string;
  readonly rule: Rule;
  /** What the one may send and the other refuses, with `{writer}` and `{reader}` for who they are. */
  readonly detail: string;
  /** False where it can only be said that nothing proves the opposite. */
  readonly proven: boolean;
}

/** Where a comparison is. */
export class Place {
  readonly #path: string;
  readonly #where: string;

  constructor(path = '$', where = '') {
    this.#path = path;
    this.#where = where;
  }

  member(name: string): Place {
    return new Place(
      /^[A-Za-z_$][\w$]*$/.test(name) ? `${this.#path}.${name}` : `${this.#path}['${name}']`,
      this.#where,
    );
  }

  /** Every member of a record. */
  members(): Place {
    return new Place(`${this.#path}.*`, this.#where);
  }

  items(index?: number): Place {
    return new Place(`${this.#path}[${index ?? '*'}]`, this.#where);
  }

  /** An alternative of a union. */
  alternative(label: string): Place {
    return new Place(this.#path, label === '' ? this.#where : ` (${label})`);
  }

  finding(rule: Rule, detail: string, proven = true): Finding {
    return { path: `${this.#path}${this.#where}`, rule, detail, proven };
  }
}
