import type { Fault, FaultHook, FaultRequest, Late } from '../emulators/front.ts';
import type { Moment } from './moments.ts';
import type { Random } from './random.ts';
import { Dealer, type FaultName, type Rule } from './rules.ts';
import { Zombies } from './zombies.ts';

/** Services whose endpoint is cut off for a while. */
export type Cuttable = 'dynamodb' | 'sqs';

interface Armed {
  readonly moment: Moment;
  readonly strike: () => void;
}

/** Decides on every request to the emulators, and counts what it did to them. */
export class Faults {
  readonly #dealers: readonly Dealer[];
  readonly #cut = new Set<Cuttable>();
  readonly #armed: Armed[] = [];
  readonly #dealt = new Map<FaultName, number>();
  readonly #refused = new Map<Cuttable, number>();
  readonly #zombies = new Zombies();
  #ended = false;

  constructor(rules: readonly Rule[], random: Random) {
    this.#dealers = rules.map((rule) => new Dealer(rule, random));
  }

  /** For {@link Cloud.setFaultHook}. */
  readonly hook: FaultHook = (request) => {
    if (this.#ended) return 'pass';
    const { service } = request;
    if (service !== 'kinesis' && this.#cut.has(service)) {
      this.#refused.set(service, this.refusedBy(service) + 1);
      return 'drop';
    }
    const struck = this.#struckAt(request);
    if (struck === undefined) this.#zombies.meet(request);
    return struck ?? this.#dealtTo(request);
  };

  cutOff(service: Cuttable): void {
    this.#cut.add(service);
  }

  restore(service: Cuttable): void {
    this.#cut.delete(service);
  }

  /** Strikes at the next request that belongs to the moment. */
  arm(moment: Moment, strike: () => void): void {
    this.#armed.push({ moment, strike });
  }

  /** No more faults. */
  end(): void {
    this.#ended = true;
    this.#zombies.end();
  }

  /** Commits that came after those of their successors. */
  get late(): number {
    return this.#zombies.count;
  }

  /** How often requests met a fault. */
  dealt(name: FaultName): number {
    return this.#dealt.get(name) ?? 0;
  }

  /** Requests that found a service cut off. */
  refusedBy(service: Cuttable): number {
    return this.#refused.get(service) ?? 0;
  }

  #struckAt(request: FaultRequest): Fault | Late | undefined {
    const nth = this.#armed.findIndex(({ moment }) => moment.applies(request));
    const [armed] = nth < 0 ? [] : this.#armed.splice(nth, 1);
    if (armed === undefined) return undefined;
    armed.strike();
    if (armed.moment.request === 'late') return this.#zombies.hold(request);
    return armed.moment.request === 'served' ? 'pass' : 'drop';
  }

  #dealtTo(request: FaultRequest): Fault {
    for (const dealer of this.#dealers) {
      const { rule } = dealer;
      if (!rule.applies(request) || !dealer.strikes()) continue;
      this.#dealt.set(rule.name, this.dealt(rule.name) + 1);
      return rule.fault;
    }
    return 'pass';
  }
}
