import { type BatchRunner, createBatchRunner } from '../../../lambdas/runtime/batch.ts';
import type { Ports } from '../../../lambdas/runtime/context.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import type { InvokeResult } from '../../../local/esm/types.ts';
import { describe, failed, hasTakenBack, noteMilestones, rawRecord, returned } from './answers.ts';
import { type Attempt, ExecutionEnvironment } from './environment.ts';
import { type Code, type Deployment, nameOf } from './happenings.ts';
import type { Interference } from './lineage.ts';
import { portsOf } from './ports.ts';
import { mix } from './random.ts';
import type { Services } from './services.ts';
import type { StoredRecord } from './stream.ts';
import type { System } from './system.ts';
import type { World } from './world.ts';

/** The time-out of a processor's function. */
const TIME_OUT_MS = 60_000;

interface Sandbox {
  readonly environment: ExecutionEnvironment;
  readonly runner: BatchRunner;
}

/** An invocation under way, as the poller sees it. */
export interface Invocation {
  /** Nobody waits for its answer any more. It runs on. */
  abandon(): void;
}

/** How events interfere with the function that folds them: by identity. */
export type Interferences = (identity: string) => 'crash' | 'hang' | 'throw' | undefined;

export interface FunctionOptions {
  readonly interferences: Interferences;
  /** Puts something between the runtime and its ports. */
  readonly aroundPorts: ((ports: Ports) => Ports) | undefined;
}

/** A system's Lambda function: its execution environments, warm and cold, of one version of the code or another. */
export class SimulatedFunction {
  /** Records handed over, repeats included. */
  deliveries = 0;
  readonly #world: World;
  readonly #system: System;
  readonly #services: Services;
  readonly #options: FunctionOptions;
  readonly #idle: Sandbox[] = [];
  readonly #environments: ExecutionEnvironment[] = [];
  #busy = 0;
  #live: Code;
  #before: { readonly code: Code; readonly untilMs: number } | undefined;

  constructor(world: World, system: System, services: Services, options: FunctionOptions) {
    this.#world = world;
    this.#system = system;
    this.#services = services;
    this.#options = options;
    this.#live = { version: system.processors.length - 1 };
  }

  /** Whether nothing runs any more. */
  get quiet(): boolean {
    return this.#busy === 0;
  }

  deploy({ code, sideBySideMs }: Deployment): void {
    this.#before = { code: this.#live, untilMs: this.#world.scheduler.now() + sideBySideMs };
    this.#live = code;
    this.#world.trace?.add(`${this.#system.name} deploys`, nameOf(code));
  }

  /** The newest code, everywhere and at once. */
  deployNewest(): void {
    this.deploy({ code: { version: this.#system.processors.length - 1 }, sideBySideMs: 0 });
  }

  /** The run is over: nothing of it may stay behind. */
  release(): void {
    for (const environment of this.#environments) environment.release();
  }

  /** Hands a batch over. The answer comes once, unless the invocation is abandoned. */
  invoke(records: readonly StoredRecord[], answer: (result: InvokeResult) => void): Invocation {
    const { deck, scheduler, requests } = this.#world;
    let wanted: typeof answer | undefined = answer;
    const reply = (result: InvokeResult): void => {
      wanted?.(result);
      wanted = undefined;
    };
    if (deck.strikes('invoke-throttle')) {
      scheduler.after(requests.latency(), () => reply({ kind: 'throttled' }));
      return { abandon: () => undefined };
    }
    const { sandbox, cold } = this.#sandbox();
    const { environment } = sandbox;
    this.#busy++;
    const startMs = cold ? this.#world.random.magnitude(200, 4_000) : requests.latency();
    scheduler.after(startMs, () => this.#run(sandbox, records, reply));
    return {
      abandon: () => {
        if (wanted !== undefined) environment.givenUp = true;
        wanted = undefined;
      },
    };
  }

  #run(sandbox: Sandbox, records: readonly StoredRecord[], reply: (result: InvokeResult) => void): void {
    const { deck, scheduler, random, requests } = this.#world;
    const { environment, runner } = sandbox;
    this.deliveries += records.length;
    this.#say(environment, `gets ${records.map(({ order }) => `#${order}`).join(' ')}`);
    const ended = (): void => {
      environment.onDeath = undefined;
      this.#busy--;
    };
    environment.onDeath = () => {
      ended();
      this.#say(environment, 'is lost');
      scheduler.after(requests.latency(), () => reply(failed('Runtime exited')));
    };
    if (environment.dead) {
      // An earlier request has killed it while it was idle.
      environment.onDeath();
      return;
    }
    environment.dieAt(scheduler.now() + TIME_OUT_MS);
    const attempt: Attempt = { ended: false };
    environment.attempt = attempt;
    if (deck.draw('zombie')) this.#giveUpEarly(environment, reply);
    const answerLost = deck.draw('invoke-answer-lost');
    runner.run(records.map(rawRecord), TIME_OUT_MS).then(
      (report) => {
        // It was lost on the very last step.
        if (environment.lost) return;
        ended();
        noteMilestones(this.#world.reached, report);
        attempt.ended = hasTakenBack(report);
        this.#say(environment, describe(report, records));
        if (environment.givenUp || random.chance(0.02)) environment.die();
        else this.#idle.push(sandbox);
        if (answerLost) deck.count('invoke-answer-lost');
        const result = answerLost ? failed('The answer was lost') : returned(report);
        scheduler.after(requests.latency(), () => reply(result));
      },
      (error: unknown) => {
        ended();
        const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#world.breaches.push({ kind: 'defect', message: `the handler of ${this.#system.name} threw: ${what}` });
        reply(failed('The handler threw'));
      },
    );
  }

  /** Some time into an invocation the platform loses sight of it; it may freeze besides and go on minutes later. */
  #giveUpEarly(environment: ExecutionEnvironment, reply: (result: InvokeResult) => void): void {
    const { deck, scheduler, random } = this.#world;
    const freezes = random.chance(0.5);
    const { onDeath } = environment;
    scheduler.after(random.magnitude(5, 500), () => {
      if (environment.dead || environment.onDeath !== onDeath) return;
      deck.count('zombie');
      environment.givenUp = true;
      if (freezes) environment.freeze(random.magnitude(10_000, 600_000));
      this.#say(environment, freezes ? 'is given up, and freezes' : 'is given up, and runs on');
      reply(failed('The platform gave the invocation up'));
    });
  }

  #sandbox(): { readonly sandbox: Sandbox; readonly cold: boolean } {
    const { scheduler, random, deck } = this.#world;
    const old = this.#before !== undefined && this.#before.untilMs > scheduler.now() ? this.#before.code : undefined;
    const code = old !== undefined && random.chance(0.5) ? old : this.#live;
    const nth = this.#idle.findIndex(({ environment }) => environment.code === code && !environment.lost);
    const [warm] = nth < 0 ? [] : this.#idle.splice(nth, 1);
    if (warm !== undefined && !deck.strikes('cold-start')) return { sandbox: warm, cold: false };
    return { sandbox: this.#coldStart(code), cold: true };
  }

  #coldStart(code: Code): Sandbox {
    const { scheduler, random, token } = this.#world;
    const environment = new ExecutionEnvironment(this.#environments.length + 1, code, scheduler);
    this.#environments.push(environment);
    const processor = this.#system.processors[code.version];
    if (processor === undefined) throw new Error(`System ${this.#system.name} has no version ${code.version}`);
    const watched = this.#services.lineage.watch(processor, this.#interference(environment));
    const simulated = portsOf(this.#world, this.#services, environment);
    const ports = this.#options.aroundPorts?.(simulated) ?? simulated;
    const settings = { ...DEFAULTS, stream: this.#system.input };
    const runtime = environment.forRuntime(random, token);
    this.#say(environment, `starts with ${nameOf(code)}`);
    return { environment, runner: createBatchRunner(watched, this.#system.catalogue, ports, runtime, settings) };
  }

  #interference(environment: ExecutionEnvironment): Interference {
    const { deck } = this.#world;
    const { broken } = environment.code;
    return ({ source, id }) => {
      const identity = `${source} ${id}`;
      const does = this.#options.interferences(identity);
      if (does === 'crash' || does === 'hang') {
        // What the function still does before its next await is part of the crash: it can reach nothing any more.
        if (!environment.lost) deck.count(does === 'crash' ? 'record-crash' : 'record-hang');
        if (does === 'crash') environment.die();
        else environment.hang();
      }
      if (does !== undefined) throw new Error('As the simulation wants it');
      if (broken === undefined || (mix(identity) % 1_000) / 1_000 >= broken) return;
      deck.count('broken-deployment');
      this.#services.brokenOn.add(identity);
      throw new Error('As a broken deployment does');
    };
  }

  #say(environment: ExecutionEnvironment, what: string): void {
    this.#world.trace?.add(`${this.#system.name} env ${environment.id}`, what);
  }
}
