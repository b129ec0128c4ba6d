import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { type Emulators, functionEnvironment } from './emulators/client.ts';
import type { HandlerAnswer } from './measured/environment.ts';
import type { HostService } from './measured/host.ts';
import { type Measurement, measurementOf, type Readings } from './measurement.ts';
import { assertRows, type Change, Oracle } from './oracle.ts';
import { forkServing, type ServingChild } from './rpc.ts';
import type { BarePut } from './variants/bare-puts.ts';
import type { Resources, Variant } from './variants/variant.ts';
import { invocationOf } from './workload/invocation.ts';
import type { Arrival, Traffic } from './workload/traffic.ts';

/** How much a variant is to run, and where. */
export interface Stint {
  readonly events: number;
  /** Events per invocation. */
  readonly batch: number;
  /** The environment of the next invocation. */
  readonly environment: () => number;
}

/** A variant at work on one stream of events: its process, its tables, and how far it has come. */
export class Contestant implements AsyncDisposable {
  readonly variant: Variant;
  readonly #traffic: Traffic;
  readonly #emulators: Emulators;
  readonly #resources: Resources;
  readonly #host: ServingChild<HostService>;
  readonly #oracle = new Oracle();
  #position = 0;
  #environments = 0;

  private constructor(variant: Variant, traffic: Traffic, emulators: Emulators, resources: Resources) {
    this.variant = variant;
    this.#traffic = traffic;
    this.#emulators = emulators;
    this.#resources = resources;
    this.#host = forkServing<HostService>({
      name: `The process of ${variant.name}`,
      module: new URL('./measured/host.ts', import.meta.url),
      env: { ...functionEnvironment(emulators.endpoints), ...variant.variables(resources) },
      execArgv: ['--expose-gc', '--enable-source-maps'],
    });
  }

  /** @param label tells its tables from those of other streams of events. */
  static async start(variant: Variant, traffic: Traffic, emulators: Emulators, label: string): Promise<Contestant> {
    const name = `${label}-${variant.name}`;
    const resources = { table: name, sideTable: `${name}-side`, stream: `${name}-updates` };
    await emulators.createTable(resources.table, profiles.indexes);
    await emulators.createTable(resources.sideTable, []);
    await emulators.createStream(resources.stream);
    return new Contestant(variant, traffic, emulators, resources);
  }

  /** How many environments it has. */
  get environments(): number {
    return this.#environments;
  }

  /** Starts environments until there are `count`. */
  async grow(count: number): Promise<void> {
    await this.#host.methods.start(this.variant.file, count);
    this.#environments = Math.max(this.#environments, count);
  }

  /** Skips events: puts the rows there that they lead to. */
  async seed(events: number): Promise<void> {
    this.#take(events);
    if (!this.variant.writesRows) return;
    const rows = [...this.#oracle.profiles].map(([id, profile]) => ({ ...profile, id, _version: 1 }));
    await this.#emulators.insert(this.#resources.table, rows);
  }

  /** Takes the next events of the stream. Throws if the variant leaves one undone. */
  async run({ events, batch, environment }: Stint): Promise<Measurement> {
    const loads = new Map<number, string[]>();
    const order: number[] = [];
    let distinctKeys = 0;
    for (let from = 0; from < events; from += batch) {
      const first = this.#position;
      const { arrivals, changes } = this.#take(Math.min(batch, events - from));
      distinctKeys += changes.size;
      const invocation = invocationOf(arrivals, first);
      const text = JSON.stringify(this.variant.isTold ? { ...invocation, puts: putsOf(changes) } : invocation);
      const index = environment();
      order.push(index);
      loads.set(index, [...(loads.get(index) ?? []), text]);
    }
    await Promise.all([...loads].map(([index, invocations]) => this.#host.methods.load(index, invocations)));
    const before = await this.#read();
    const ran = await this.#host.methods.run(order);
    this.#check(ran.answers, events);
    return measurementOf(ran, { events, distinctKeys }, before, await this.#read());
  }

  /** Throws WrongRows if the table does not hold what the events so far lead to. */
  async verify(): Promise<void> {
    if (!this.variant.writesRows) return;
    const items = await this.#emulators.scan(this.#resources.table);
    assertRows(this.variant.name, this.#oracle.profiles, items);
  }

  /** Profiles environment 0 while it runs; writes the profile to `file`. */
  async profiled<T>(file: string, work: () => Promise<T>): Promise<T> {
    await this.#host.methods.startProfile();
    const result = await work();
    await this.#host.methods.stopProfile(file);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }

  #take(events: number): { arrivals: readonly Arrival[]; changes: ReadonlyMap<string, Change> } {
    const arrivals = this.#traffic.slice(this.#position, events);
    this.#position += events;
    return { arrivals, changes: this.#oracle.apply(arrivals) };
  }

  async #read(): Promise<Readings> {
    const { table, sideTable, stream } = this.#resources;
    const { reading } = this.#emulators.service;
    return Promise.all([reading(table), reading(sideTable), reading(stream)]);
  }

  #check(answers: readonly HandlerAnswer[], events: number): void {
    const failed = answers.flatMap(({ batchItemFailures }) => batchItemFailures);
    if (failed.length > 0) throw new Error(`${this.variant.name} left records undone: ${JSON.stringify(failed)}`);
    if (this.variant.writesRows) return;
    const valid = answers.reduce((sum, answer) => sum + (answer.valid ?? 0), 0);
    if (valid !== events) throw new Error(`${this.variant.name} found ${valid} valid events where there are ${events}`);
  }
}

function putsOf(changes: ReadonlyMap<string, Change>): readonly BarePut[] {
  return [...changes].map(([id, { before, after }]) => {
    const over = before?.status === 'active' ? before.lastSeen : undefined;
    return { item: { ...after, id }, ...(over === undefined ? {} : { over }) };
  });
}
