import type { StackDefinition } from '../cloudformation/assembly.ts';
import { ServiceError } from '../service-error.ts';
import type { ChangeSet } from './change-set.ts';
import { planChangeSet } from './change-set.ts';
import { ManagedStack, type StackEdges, type StackInput } from './managed-stack.ts';

/** What a client asks a change set to be. */
export interface ChangeSetRequest extends Omit<StackInput, 'definition'> {
  readonly stackName: string;
  readonly changeSetName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly definition: Omit<StackDefinition, 'name' | 'id'>;
}

/** Every stack of the account, with its change sets. Operations on stacks are carried out one after the other. */
export class Stacks {
  readonly #edges: StackEdges;
  readonly #live = new Map<string, ManagedStack>();
  readonly #deleted: ManagedStack[] = [];
  #changeSets: ChangeSet[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(
    edges: Omit<StackEdges, 'exports' | 'changed'>,
    changed: (stacks: readonly ManagedStack[]) => Promise<void>,
  ) {
    this.#edges = { ...edges, exports: () => this.#exports(), changed: () => changed(this.live) };
  }

  /** Those that are not deleted. */
  get live(): readonly ManagedStack[] {
    return [...this.#live.values()];
  }

  /** Those that are deleted as well. */
  get all(): readonly ManagedStack[] {
    return [...this.live, ...this.#deleted];
  }

  /** A stack by its name, or by its id even if it is deleted. @throws ServiceError if there is none. */
  find(nameOrId: string): ManagedStack {
    const found = this.#live.get(nameOrId) ?? this.all.find(({ id }) => id === nameOrId);
    if (found !== undefined) return found;
    throw new ServiceError('ValidationError', `Stack with id ${nameOrId} does not exist`);
  }

  /** @throws ServiceError if there is none. */
  changeSet(nameOrId: string, stack?: string): ChangeSet {
    const found = this.#changeSets.find((set) => isNamed(set, nameOrId, stack));
    if (found !== undefined) return found;
    throw new ServiceError('ChangeSetNotFound', `ChangeSet [${nameOrId}] does not exist`);
  }

  /** Plans a change. @throws ServiceError if the stack's state does not allow it. */
  plan({ stackName, changeSetName, type, definition, ...rest }: ChangeSetRequest): ChangeSet {
    const stack = type === 'CREATE' ? this.#created(stackName) : this.find(stackName);
    refuseBusy(stack, type);
    const { region, accountId } = this.#edges.environment;
    const input = { ...rest, definition: { ...definition, name: stack.name, id: stack.id } };
    const prefix = `arn:aws:cloudformation:${region}:${accountId}:changeSet/${changeSetName}`;
    if (this.#changeSets.some((other) => isNamed(other, changeSetName, stack.id))) {
      throw new ServiceError('AlreadyExistsException', `ChangeSet ${changeSetName} already exists`);
    }
    const set = planChangeSet(changeSetName, stack, input, prefix);
    this.#changeSets.push(set);
    return set;
  }

  /** Begins to carry out a change set, which is gone then. @throws ServiceError if it changes nothing. */
  execute(set: ChangeSet): void {
    const { stack, input } = set;
    if (set.isEmpty) throw new ServiceError('InvalidChangeSetStatus', `ChangeSet [${set.id}] changes nothing`);
    this.discard(set.id);
    const creates = stack.input === undefined;
    this.#enqueue((turn) => (creates ? stack.create(input, turn) : stack.update(input, turn)));
  }

  /** Forgets a change set, if there is one. */
  discard(nameOrId: string, stack?: string): void {
    this.#changeSets = this.#changeSets.filter((set) => !isNamed(set, nameOrId, stack));
  }

  /** Begins to delete a stack. @throws ServiceError if it is protected, or another stack imports what it exports. */
  delete(stack: ManagedStack): void {
    if (stack.protectedFromDeletion) {
      throw new ServiceError(
        'ValidationError',
        `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`,
      );
    }
    this.#refuseImported(stack);
    this.#changeSets = this.#changeSets.filter((set) => set.stack !== stack);
    this.#enqueue(async (turn) => {
      await stack.delete(turn);
      if (stack.history.status !== 'DELETE_COMPLETE') return;
      this.#live.delete(stack.name);
      this.#deleted.push(stack);
    });
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  #created(name: string): ManagedStack {
    const existing = this.#live.get(name);
    if (existing?.input !== undefined) {
      throw new ServiceError(
        'ValidationError',
        `Stack [${name}] already exists and cannot be created again with the changeSet`,
      );
    }
    const stack = existing ?? new ManagedStack(name, this.#edges);
    this.#live.set(name, stack);
    return stack;
  }

  /** Stacks report what fails as their status, and never throw. */
  #enqueue(operation: (turn: Promise<void>) => Promise<void>): void {
    this.#queue = operation(this.#queue);
  }

  #exports(): ReadonlyMap<string, string> {
    return new Map(
      this.live.flatMap(({ outputList }) =>
        outputList.flatMap(({ exportName, value }) => (exportName === undefined ? [] : [[exportName, value] as const])),
      ),
    );
  }

  #refuseImported(stack: ManagedStack): void {
    for (const { exportName } of stack.outputList) {
      const importer = this.live.find(
        (other) => other !== stack && exportName !== undefined && other.imports(exportName),
      );
      if (importer === undefined) continue;
      const message = `Export ${exportName} cannot be deleted as it is in use by ${importer.name}`;
      throw new ServiceError('ValidationError', message);
    }
  }
}

const isNamed = ({ id, name, stack }: ChangeSet, nameOrId: string, stackNameOrId: string | undefined): boolean =>
  id === nameOrId || (name === nameOrId && (stack.name === stackNameOrId || stack.id === stackNameOrId));

function refuseBusy({ name, history: { status } }: ManagedStack, type: 'CREATE' | 'UPDATE'): void {
  const ready =
    type === 'CREATE'
      ? status === 'REVIEW_IN_PROGRESS'
      : /^(CREATE|UPDATE|UPDATE_ROLLBACK)_(COMPLETE|FAILED)$/.test(status);
  if (ready) return;
  throw new ServiceError('ValidationError', `Stack:${name} is in ${status} state and can not be updated.`);
}
