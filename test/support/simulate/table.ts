import { type Attributes, fromAttributes, type Row, toAttributes } from '../../../lambdas/core/row.ts';
import { deepFreeze } from '../specification/purity.ts';
import type { Commit, Lineage } from './lineage.ts';

interface Version {
  readonly item: Attributes;
  readonly commit: Commit;
}

/** A state table: rows in their stored form, with every version that they had and what each was folded from. */
export class SimulatedTable {
  readonly #lineage: Lineage;
  readonly #versions = new Map<string, Version[]>();

  constructor(lineage: Lineage) {
    this.#lineage = lineage;
  }

  keys(): readonly string[] {
    return [...this.#versions.keys()];
  }

  /** The last commit of a key. */
  last(key: string): Commit | undefined {
    return this.#versions.get(key)?.at(-1)?.commit;
  }

  /** Every commit that the table ever took, whether a later one rests on it or not. */
  *commits(): Iterable<Commit> {
    for (const versions of this.#versions.values()) for (const { commit } of versions) yield commit;
  }

  /** The row as it is now. */
  read(key: string): Row | undefined {
    return this.#row(this.#versions.get(key)?.at(-1));
  }

  /** The row as it was some versions ago; 0 is now. */
  readOlder(key: string, versionsAgo: number): Row | undefined {
    return this.#row(this.#versions.get(key)?.at(-1 - versionsAgo));
  }

  /** One conditional put. States are frozen from here on: whoever changes one in place gets a TypeError. */
  commit(row: Row, over: Row | undefined): Commit | 'conflict' {
    const current = this.last(row.key)?.row;
    if (current?.version !== over?.version || current?.epoch !== over?.epoch) return 'conflict';
    const commit = this.#lineage.commit(row);
    const version = { item: toAttributes(row), commit };
    deepFreeze(row.state);
    const versions = this.#versions.get(row.key);
    if (versions === undefined) this.#versions.set(row.key, [version]);
    else versions.push(version);
    return commit;
  }

  #row(version: Version | undefined): Row | undefined {
    if (version === undefined) return undefined;
    const row = fromAttributes(version.item);
    Object.freeze(row.state);
    this.#lineage.read(row, version.commit);
    return row;
  }
}
