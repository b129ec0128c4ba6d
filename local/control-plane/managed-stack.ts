import { randomUUID } from 'node:crypto';
import type { StackDefinition } from '../cloudformation/assembly.ts';
import type { Stack } from '../cloudformation/deploy.ts';
import type { AssetDirectory } from '../cloudformation/resource-type.ts';
import { type Environment, type Resource, StackScope } from '../cloudformation/scope.ts';
import {
  changeResource,
  creationOrder,
  isWanted,
  makeResource,
  type Output,
  outputsOf,
  type ResourceTypes,
  refuseUnsupportedUpdate,
  removeResource,
  type Workshop,
} from '../cloudformation/stack-resources.ts';
import { messageOf, StackHistory } from './history.ts';

/** What a template and its parameters ask for. */
export interface StackInput {
  /** As it was handed in. */
  readonly text: string;
  readonly definition: StackDefinition;
  readonly tags: readonly Tag[];
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** What stacks are made with. */
export interface StackEdges {
  readonly types: ResourceTypes;
  readonly environment: Environment;
  readonly assetDirectory: AssetDirectory;
  /** Values that other stacks export, by name. */
  exports(): ReadonlyMap<string, string>;
  /** Lets what runs follow the resources; called whenever one of them came, changed or went. */
  changed(): Promise<void>;
}

/**
 * A stack with its history. Its operations show at once, begin when it is their turn, and tell what fails by the stack's status; they
 * never throw.
 */
export class ManagedStack implements Stack {
  readonly name: string;
  readonly id: string;
  readonly createdAt = new Date();
  readonly history: StackHistory;
  readonly #edges: StackEdges;
  readonly #resources = new Map<string, Resource>();
  #input: StackInput | undefined;
  #outputs: readonly Output[] = [];
  protectedFromDeletion = false;

  constructor(name: string, edges: StackEdges) {
    const { region, accountId } = edges.environment;
    this.name = name;
    this.id = `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`;
    this.#edges = edges;
    this.history = new StackHistory(this);
  }

  /** What it was made of last; undefined before the first change set is executed. */
  get input(): StackInput | undefined {
    return this.#input;
  }

  get resources(): ReadonlyMap<string, Resource> {
    return this.#resources;
  }

  get outputList(): readonly Output[] {
    return this.#outputs;
  }

  get outputs(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#outputs.map(({ key, value }) => [key, value]));
  }

  /** Whether its template imports that value, by the name as the CDK writes it. */
  imports(exportName: string): boolean {
    const template = JSON.stringify(this.#input?.definition.template ?? {});
    return template.includes(JSON.stringify({ 'Fn::ImportValue': exportName }));
  }

  /** Makes its resources. If one fails, those that were made are deleted again, and the stack stays as ROLLBACK_COMPLETE. */
  async create(input: StackInput, turn?: Promise<void>): Promise<void> {
    this.#input = input;
    this.history.enter('CREATE_IN_PROGRESS');
    await turn;
    try {
      const workshop = this.#workshop(input);
      for (const logicalId of creationOrder(input.definition, this.#edges.types)) {
        await this.#make(workshop, logicalId);
      }
      this.#outputs = outputsOf(input.definition, workshop.scope);
      this.history.enter('CREATE_COMPLETE');
    } catch (error) {
      this.history.enter('ROLLBACK_IN_PROGRESS', messageOf(error));
      await this.#removeAll('ROLLBACK', (policy) => policy === 'Retain');
    }
  }

  /**
   * Changes its resources. What the local cloud cannot change is refused before anything is, and the stack stays as it was. What
   * fails later leaves it UPDATE_FAILED: nothing is rolled back here.
   */
  async update(input: StackInput, turn?: Promise<void>): Promise<void> {
    const { definition } = input;
    const before = this.#input?.definition.template;
    this.history.enter('UPDATE_IN_PROGRESS');
    await turn;
    let order: string[];
    try {
      order = creationOrder(definition, this.#edges.types);
      if (before !== undefined) refuseUnsupportedUpdate(this.name, before, definition.template, this.#edges.types);
    } catch (error) {
      this.history.enter('UPDATE_ROLLBACK_COMPLETE', messageOf(error));
      return;
    }
    try {
      const workshop = this.#workshop(input);
      for (const logicalId of order) await this.#change(workshop, logicalId);
      this.#outputs = outputsOf(definition, workshop.scope);
      this.#input = input;
      const gone = [...this.#resources.values()].filter(
        ({ logicalId }) => !(logicalId in definition.template.Resources),
      );
      for (const resource of gone.toReversed())
        await this.#remove(resource, isRetained(before?.Resources[resource.logicalId]?.DeletionPolicy));
      this.history.enter('UPDATE_COMPLETE');
    } catch (error) {
      this.history.enter('UPDATE_FAILED', messageOf(error));
    }
  }

  /** Deletes its resources, the last made first; those that are retained stay. */
  async delete(turn?: Promise<void>): Promise<void> {
    this.history.enter('DELETE_IN_PROGRESS');
    await turn;
    await this.#removeAll('DELETE', isRetained);
  }

  #policy(logicalId: string): string | undefined {
    return this.#input?.definition.template.Resources[logicalId]?.DeletionPolicy;
  }

  #workshop({ definition }: StackInput): Workshop {
    const { types, environment, assetDirectory } = this.#edges;
    const scope = new StackScope(definition, environment, this.#resources, this.#edges.exports());
    return { definition, types, scope, assetDirectory };
  }

  async #make(workshop: Workshop, logicalId: string): Promise<void> {
    if (!isWanted(workshop, logicalId)) return;
    await this.#told(logicalId, workshop.definition.template.Resources[logicalId]?.Type ?? '', 'CREATE', async () => {
      const resource = await makeResource(workshop, logicalId);
      if (resource !== undefined) this.#resources.set(logicalId, resource);
    });
  }

  async #change(workshop: Workshop, logicalId: string): Promise<void> {
    const existing = this.#resources.get(logicalId);
    if (existing === undefined) return this.#make(workshop, logicalId);
    const changed = await changeResource(workshop, existing);
    if (changed === undefined) return this.#remove(existing, isRetained(this.#policy(logicalId)));
    if (changed === existing) return;
    await this.#told(logicalId, existing.type, 'UPDATE', async () => {
      this.#resources.set(logicalId, changed);
    });
  }

  /** @param stays it goes from the stack and exists on. */
  async #remove(resource: Resource, stays: boolean): Promise<void> {
    const { logicalId, type } = resource;
    if (stays) return void this.#resources.delete(logicalId);
    await this.#told(logicalId, type, 'DELETE', async () => {
      await removeResource(this.#edges.types, resource);
      this.#resources.delete(logicalId);
    });
  }

  async #removeAll(operation: 'ROLLBACK' | 'DELETE', stays: (policy: string | undefined) => boolean): Promise<void> {
    try {
      for (const resource of [...this.#resources.values()].toReversed()) {
        await this.#remove(resource, stays(this.#policy(resource.logicalId)));
      }
      this.#outputs = [];
      this.history.enter(`${operation}_COMPLETE`, this.history.reason);
    } catch (error) {
      this.history.enter(`${operation}_FAILED`, messageOf(error));
    }
  }

  /** Carries out a step on a resource, and lets what runs follow, between the events that tell of it. */
  async #told(logicalId: string, type: string, operation: string, step: () => Promise<void>): Promise<void> {
    const event = { logicalId, type, physicalId: this.#resources.get(logicalId)?.ref ?? '' };
    this.history.tell({ ...event, status: `${operation}_IN_PROGRESS` });
    try {
      await step();
      await this.#edges.changed();
    } catch (error) {
      this.history.tell({ ...event, status: `${operation}_FAILED`, reason: messageOf(error) });
      throw error;
    }
    const physicalId = this.#resources.get(logicalId)?.ref ?? event.physicalId;
    this.history.tell({ ...event, physicalId, status: `${operation}_COMPLETE` });
  }
}

/** Whether a resource with this deletion policy outlives its stack. RetainExceptOnCreate goes if its creation is rolled back. */
const isRetained = (policy: string | undefined): boolean => policy === 'Retain' || policy === 'RetainExceptOnCreate';
