import type { Fault, FaultRequest } from '../emulators/front.ts';
import type { Random } from './random.ts';

/** Physical names by which requests are told apart. */
export interface Targets {
  readonly stream: string;
  readonly updatesStream: string;
  readonly stateTable: string;
  readonly checkpointTable: string;
}

/** A fault that requests meet now and then. */
export interface Rule {
  readonly name: FaultName;
  readonly fault: Exclude<Fault, 'pass'>;
  /** Requests from one fault to the next, on average. */
  readonly every: number;
  applies(request: FaultRequest): boolean;
}

/** Faults that requests meet all the time. */
export const FAULTS = [
  'store throttled',
  'store requests lost',
  'answers of commits lost',
  'producers throttled',
  'answers to producers lost',
  'effects throttled',
  'answers to effects lost',
  'reads of the stream throttled',
  'reads of the stream lost',
  'dead letters throttled',
  'dead letters lost',
  'answers to dead letters lost',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** Whether a request is a put into this stream or table. */
export const isPutInto =
  (operation: 'PutRecords' | 'PutItem', name: string) =>
  (request: FaultRequest): boolean => {
    if (request.operation !== operation) return false;
    const { StreamName, TableName } = request.input() as { StreamName?: string; TableName?: string };
    return (StreamName ?? TableName) === name;
  };

const asks =
  (service: FaultRequest['service'], operation?: string) =>
  (request: FaultRequest): boolean =>
    request.service === service && (operation === undefined || request.operation === operation);

/** The faults that go on all the time. */
export function steadyRules({ stream, updatesStream, stateTable }: Targets): readonly Rule[] {
  const produced = isPutInto('PutRecords', stream);
  const published = isPutInto('PutRecords', updatesStream);
  const letters = asks('sqs', 'SendMessageBatch');
  const reads = asks('kinesis', 'GetRecords');
  return [
    { name: 'answers of commits lost', fault: 'lose-answer', every: 20, applies: isPutInto('PutItem', stateTable) },
    { name: 'store throttled', fault: 'throttle', every: 15, applies: asks('dynamodb') },
    { name: 'store requests lost', fault: 'drop', every: 40, applies: asks('dynamodb') },
    { name: 'producers throttled', fault: 'throttle', every: 12, applies: produced },
    { name: 'answers to producers lost', fault: 'lose-answer', every: 15, applies: produced },
    { name: 'effects throttled', fault: 'throttle', every: 12, applies: published },
    { name: 'answers to effects lost', fault: 'lose-answer', every: 12, applies: published },
    { name: 'reads of the stream throttled', fault: 'throttle', every: 4, applies: reads },
    { name: 'reads of the stream lost', fault: 'lose-answer', every: 5, applies: reads },
    { name: 'dead letters throttled', fault: 'throttle', every: 6, applies: letters },
    { name: 'dead letters lost', fault: 'drop', every: 10, applies: letters },
    { name: 'answers to dead letters lost', fault: 'lose-answer', every: 6, applies: letters },
  ];
}

/** Deals a rule's faults out: at random, but never twice the average apart, so that a short run meets each, too. */
export class Dealer {
  readonly rule: Rule;
  readonly #random: Random;
  #until: number;

  constructor(rule: Rule, random: Random) {
    this.rule = rule;
    this.#random = random;
    this.#until = this.#distance();
  }

  /** Whether this request, to which the rule applies, is the next to meet the fault. */
  strikes(): boolean {
    this.#until -= 1;
    if (this.#until > 0) return false;
    this.#until = this.#distance();
    return true;
  }

  #distance(): number {
    return 1 + this.#random.below(2 * this.rule.every - 1);
  }
}
