import { ATTRIBUTES } from '../../lambdas/core/names.ts';
import type { FaultRequest } from '../emulators/front.ts';
import { isPutInto } from './rules.ts';

/** Whether the commit that made a version of a row had effects to send. `unclear` if puts of the same version differed in that. */
export type Effects = 'some' | 'none' | 'unclear';

/** By key, then by version. Of commits that only passed the positions of repeats, nothing is to be sent. */
export type Commits = ReadonlyMap<string, ReadonlyMap<number, Effects>>;

/** Notes the puts of rows as they are asked for, whatever becomes of them: a row does not tell of its earlier versions. */
export class CommitLog {
  readonly #isCommit: (request: FaultRequest) => boolean;
  readonly #commits = new Map<string, Map<number, Effects>>();

  constructor(stateTable: string) {
    this.#isCommit = isPutInto('PutItem', stateTable);
  }

  note(request: FaultRequest): void {
    if (!this.#isCommit(request)) return;
    const { Item = {} } = request.input() as { Item?: Readonly<Record<string, { S?: string; N?: string }>> };
    const key = Item[ATTRIBUTES.key]?.S ?? '';
    const version = Number(Item[ATTRIBUTES.version]?.N);
    const effects = Item[ATTRIBUTES.outbox] === undefined ? 'none' : 'some';
    const versions = this.#commits.get(key) ?? new Map<number, Effects>();
    this.#commits.set(key, versions);
    versions.set(version, (versions.get(version) ?? effects) === effects ? effects : 'unclear');
  }

  get commits(): Commits {
    return this.#commits;
  }
}
