import { PutRecordsCommand, type PutRecordsCommandInput, type PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import type { RecordsClient } from '../../lambdas/producer/index.ts';
import type { FaultHook } from '../../local/emulators/front.ts';

/** Probabilities: of an entry of a call, and of whole calls. */
export interface Weather {
  readonly entryThrottled: number;
  readonly callThrottled: number;
  /** The connection is cut before the service sees the call. */
  readonly callDropped: number;
  /** The service does the call, and the connection is cut before the answer. */
  readonly answerLost: number;
}

export const STORM: Weather = { entryThrottled: 0.3, callThrottled: 0.03, callDropped: 0.03, answerLost: 0.04 };

/** How often what happened. */
export interface Struck {
  entries: number;
  calls: number;
  answers: number;
}

/** A generator of numbers in [0, 1) that repeats itself from the same seed (a linear congruence, after its upper bits are mixed in). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A client some of whose entries never reach the service, and are answered as it does when a shard is overloaded: an emulator's shard never is. */
export function overloaded(client: RecordsClient, part: number, random: () => number, struck: Struck): RecordsClient {
  const send = async (command: { input: PutRecordsCommandInput }, options: object): Promise<object> => {
    const { Records = [], ...stream } = command.input;
    const refused = Records.map(() => random() < part);
    const taken = Records.filter((_, nth) => !refused[nth]);
    struck.entries += Records.length - taken.length;
    const answers = taken.length === 0 ? [] : await answersOf(client, { ...stream, Records: taken }, options);
    const remaining = answers.values();
    return { Records: refused.map((isRefused) => (isRefused ? THROTTLED : remaining.next().value)) };
  };
  return { send } as RecordsClient;
}

const THROTTLED = {
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: 'Rate exceeded for a shard in stream bench under account 000000000000.',
};

async function answersOf(client: RecordsClient, input: PutRecordsCommandInput, options: object) {
  const { Records = [] }: Partial<PutRecordsCommandOutput> = await client.send(new PutRecordsCommand(input), options);
  return Records;
}

/** Whole calls that fail, at the emulator's door. */
export function stormy(weather: Weather, random: () => number, struck: Struck): FaultHook {
  return ({ operation }) => {
    if (operation !== 'PutRecords') return 'pass';
    const dice = random();
    if (dice < weather.answerLost) {
      struck.answers += 1;
      return 'lose-answer';
    }
    if (dice >= weather.answerLost + weather.callDropped + weather.callThrottled) return 'pass';
    struck.calls += 1;
    return dice < weather.answerLost + weather.callDropped ? 'drop' : 'throttle';
  };
}
