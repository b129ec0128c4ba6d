import type { Random } from './random.ts';

/** What a rate counts. */
export type RateUnit = 'request' | 'invocation' | 'event' | 'run';

interface Fault {
  readonly what: string;
  /** Probability of each request, invocation or event; how many a run has on average. */
  readonly rate: number;
  readonly per: RateUnit;
}

/**
 * Everything that goes wrong. A fault counts when it strikes: a window in which nothing was asked of what is down counts nothing, and a
 * stale read that returned the newest row was not stale.
 */
export const FAULTS = {
  crash: {
    what: 'the function dies at an await point, before its request lands or after',
    rate: 0.012,
    per: 'request',
  },
  'time-out': {
    what: 'the function stalls at an await point until the platform kills it',
    rate: 0.008,
    per: 'request',
  },
  hang: { what: 'a request is never answered, whether it lands or not', rate: 0.01, per: 'request' },
  'late-landing': { what: 'a request lands minutes later, after its sender gave it up', rate: 0.01, per: 'request' },
  'store-answer-lost': { what: 'a write to a table lands and its answer is lost', rate: 0.06, per: 'request' },
  'put-answer-lost': { what: 'PutRecords lands and its answer is lost', rate: 0.06, per: 'request' },
  'queue-answer-lost': { what: 'a queue takes messages and its answer is lost', rate: 0.15, per: 'request' },
  'partial-put': { what: 'PutRecords takes some records and refuses others', rate: 0.3, per: 'request' },
  throttle: { what: 'a service refuses a request, alone or in bursts of seconds', rate: 0.03, per: 'request' },
  outage: { what: 'a key, a service or all of them are down for minutes to hours', rate: 2, per: 'run' },
  'stale-read': { what: 'an eventually consistent read returns an older row', rate: 0.25, per: 'request' },
  'checkpoint-unseen': { what: 'a checkpoint that exists is not seen', rate: 0.3, per: 'request' },
  'read-failure': { what: 'listing shards or reading one fails', rate: 0.08, per: 'request' },
  'slow-shard': { what: 'reads of a shard take minutes', rate: 3, per: 'run' },
  'invoke-throttle': { what: 'the function has no free concurrency', rate: 0.06, per: 'invocation' },
  'invoke-answer-lost': {
    what: 'the function ends well and the poller never hears of it',
    rate: 0.06,
    per: 'invocation',
  },
  'cold-start': { what: 'an idle environment is taken away', rate: 0.15, per: 'invocation' },
  zombie: {
    what: 'the platform gives up an invocation that runs on, commits and sends late',
    rate: 0.1,
    per: 'invocation',
  },
  redelivery: { what: 'a second poller delivers older batches again, from a former checkpoint', rate: 4, per: 'run' },
  'poller-restart': { what: 'the poller dies and goes on from its last or a former checkpoint', rate: 6, per: 'run' },
  'discard-attempts': { what: 'the mapping gives records up after few attempts', rate: 0.5, per: 'run' },
  'discard-age': { what: 'the mapping gives records up after minutes', rate: 0.3, per: 'run' },
  split: { what: 'a shard splits', rate: 8, per: 'run' },
  merge: { what: 'two shards merge', rate: 9, per: 'run' },
  deployment: {
    what: 'another version of the code goes live or back, side by side with the one before',
    rate: 6,
    per: 'run',
  },
  'broken-deployment': {
    what: 'the reducer of a deployment throws on most events, until it is rolled back',
    rate: 1.2,
    per: 'run',
  },
  poison: { what: 'a record that no code can apply', rate: 0.05, per: 'event' },
  misrouted: { what: 'an event under a partition key that is not its own', rate: 0.05, per: 'event' },
  'record-crash': { what: 'a record makes the function die', rate: 0.007, per: 'event' },
  'record-hang': { what: 'a record makes the function hang', rate: 0.008, per: 'event' },
  repeat: { what: 'a producer sends an event again later', rate: 0.08, per: 'event' },
  'clock-skew': { what: "a producer's clock is minutes off, within the tolerance", rate: 0.1, per: 'event' },
  'late-event': { what: 'an event is put hours or days after its time', rate: 0.05, per: 'event' },
  'out-of-order': { what: 'an event lies in time before an earlier one of its key', rate: 0.1, per: 'event' },
} as const satisfies Record<string, Fault>;

export type FaultKind = keyof typeof FAULTS;

export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

export const isFaultKind = (name: string): name is FaultKind => Object.hasOwn(FAULTS, name);

/** Decides when faults strike, and counts them. */
export class FaultDeck {
  readonly counts = new Map<FaultKind, number>();
  readonly #enabled: ReadonlySet<FaultKind>;
  readonly #random: Random;
  #calm = false;

  constructor(enabled: ReadonlySet<FaultKind>, random: Random) {
    this.#enabled = enabled;
    this.#random = random;
  }

  /** From now on nothing goes wrong any more. */
  cease(): void {
    this.#calm = true;
  }

  get ceased(): boolean {
    return this.#calm;
  }

  enabled(kind: FaultKind): boolean {
    return this.#enabled.has(kind);
  }

  /** Whether the fault is to strike here; draws even if it is off, so that the others do not shift. Whoever makes it strike counts it. */
  draw(kind: FaultKind, share = 1): boolean {
    return this.#random.chance(FAULTS[kind].rate * share) && !this.#calm && this.#enabled.has(kind);
  }

  /** Draws, and counts a strike. */
  strikes(kind: FaultKind, share = 1): boolean {
    const struck = this.draw(kind, share);
    if (struck) this.count(kind);
    return struck;
  }

  count(kind: FaultKind, times = 1): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + times);
  }
}
