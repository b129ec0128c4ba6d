import { TransientError } from '../../../lambdas/runtime/ports.ts';
import type { ExecutionEnvironment } from './environment.ts';
import type { FaultDeck, FaultKind } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Port, Weather } from './weather.ts';

/** What is asked of a port. */
export interface Request<T> {
  readonly port: Port;
  /** The kind of fault by which the answer may be lost; reads, which change nothing, have none. */
  readonly loses?: FaultKind;
  /** Does it, at the moment at which it takes place. `late`: its sender has given it up. */
  readonly land: (late: boolean) => T;
}

/** A client's view of an answer that does not come. */
const timedOut = new TransientError('simulated.timed-out', 'The request had no answer in time');
const answerLost = new TransientError('simulated.answer-lost', 'The connection broke before the answer came');

/**
 * Carries requests to the simulated services and their answers back. Each takes time twice, before it lands and before its answer is in, and
 * at each of these points the function may die, stall or be overtaken by others.
 */
export class Requests {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #deck: FaultDeck;
  readonly #weather: Weather;
  /** Requests sent that have not landed yet. */
  afloat = 0;

  constructor(scheduler: Scheduler, random: Random, deck: FaultDeck, weather: Weather) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#deck = deck;
    this.#weather = weather;
  }

  /** Mostly milliseconds, at times seconds. */
  latency(): number {
    return this.#random.chance(0.03) ? this.#random.magnitude(100, 5_000) : this.#random.between(1, 25);
  }

  /** A request of a function. What the port refuses, or loses the answer of, is a TransientError. */
  send<T>(from: ExecutionEnvironment, request: Request<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (from.lost) return;
      const crashes = this.#deck.strikes('crash');
      const landsFirst = this.#random.chance(0.6);
      if (crashes && !landsFirst) {
        from.die();
        return;
      }
      if (this.#deck.strikes('time-out')) from.hang();
      const answer = (settle: () => void): void => {
        this.#scheduler.after(this.latency(), () => from.resume(settle));
      };
      if (request.loses !== undefined && this.#deck.strikes('late-landing')) {
        this.#afterwards(this.#random.magnitude(5_000, 240_000), () => this.#land(request, true));
        this.#scheduler.after(this.#random.between(50, 5_000), () => from.resume(() => reject(timedOut)));
        return;
      }
      const hangs = this.#deck.strikes('hang');
      if (hangs && !landsFirst) return;
      this.#afterwards(this.latency(), () => {
        const landed = this.#land(request, false);
        if (crashes) from.die();
        else if (!hangs) answer(() => ('error' in landed ? reject(landed.error) : resolve(landed.value)));
      });
    });
  }

  /** A request of somebody who does not die: a producer, a poller. */
  sendSafely<T>(request: Request<T>, settle: (landed: Landed<T>) => void): void {
    const late = request.loses !== undefined && this.#deck.strikes('late-landing');
    if (late) {
      this.#afterwards(this.#random.magnitude(5_000, 240_000), () => this.#land(request, true));
      this.#scheduler.after(this.#random.between(50, 5_000), () => settle({ error: timedOut }));
      return;
    }
    this.#afterwards(this.latency(), () => {
      const landed = this.#land(request, false);
      this.#scheduler.after(this.latency(), () => settle(landed));
    });
  }

  #land<T>({ port, loses, land }: Request<T>, late: boolean): Landed<T> {
    const refused = this.#weather.refusal(port);
    if (refused !== undefined) return { error: refused };
    const value = land(late);
    return !late && loses !== undefined && this.#deck.strikes(loses) ? { error: answerLost } : { value };
  }

  #afterwards(ms: number, land: () => void): void {
    this.afloat++;
    this.#scheduler.after(ms, () => {
      this.afloat--;
      land();
    });
  }
}

/** What a request came to. */
export type Landed<T> = { readonly value: T } | { readonly error: TransientError };
