import { awsEffectSink } from '../../../lambdas/aws/effect-sink.ts';
import type { Ports } from '../../../lambdas/runtime/context.ts';
import {
  type Checkpoints,
  type DeadLetter,
  type DeadLetters,
  type ReadResult,
  type StateStore,
  TransientError,
} from '../../../lambdas/runtime/ports.ts';
import type { Attempt, ExecutionEnvironment } from './environment.ts';
import { reach } from './reached.ts';
import type { Services } from './services.ts';
import { sinkClients } from './sink-clients.ts';
import type { World } from './world.ts';

const SOCKETS = 50;

/** The ports of one execution environment, on the simulated services. The effect sink is the real adapter over simulated clients. */
export const portsOf = (world: World, services: Services, environment: ExecutionEnvironment): Ports => ({
  store: storeOf(world, services, environment),
  sink: awsEffectSink(
    sinkClients(world, services, environment),
    { stream: (name) => name, queueUrl: (name) => name, table: (name) => name },
    SOCKETS,
  ),
  deadLetters: deadLettersOf(world, services, environment),
  checkpoints: checkpointsOf(world, services, environment),
});

function storeOf(world: World, { name, table }: Services, environment: ExecutionEnvironment): StateStore {
  const { deck, weather, requests, random, reached, trace } = world;
  const readOne = (key: string, consistent: boolean): ReadResult => {
    const refused = weather.refusalOf('store', key);
    if (refused !== undefined) return refused;
    const current = table.read(key);
    if (consistent || current === undefined || !deck.strikes('stale-read')) return current;
    return table.readOlder(key, random.whole(1, Math.min(4, current.version)));
  };
  return {
    read: (keys, consistent) =>
      requests.send(environment, {
        port: 'store',
        land: () => new Map(keys.map((key) => [key, readOne(key, consistent)])),
      }),
    commit: async (row, over) => {
      const result = await requests.send(environment, {
        port: 'store',
        loses: 'store-answer-lost',
        land: (late) => {
          const refused = weather.refusalOf('store', row.key);
          if (refused !== undefined) return refused;
          const committed = table.commit(row, over);
          const zombie = late || environment.lost || environment.givenUp;
          const who = `${name} env ${environment.id}${zombie ? ' (zombie)' : ''}`;
          if (committed === 'conflict') {
            if (zombie) reach(reached, 'zombie-commit-refused');
            trace?.add(who, `commit of ${row.key} version ${row.version} refused: not over the stored version`);
            return 'conflict';
          }
          reach(reached, 'id-evicted', evicted(row, over, committed.applied.length));
          trace?.add(
            who,
            `committed ${row.key} version ${row.version}: ${committed.applied.map(({ id }) => id).join(' ')}`,
          );
          return 'committed';
        },
      });
      if (result instanceof TransientError) throw result;
      return result;
    },
  };
}

type IdsOf = { readonly ids: readonly { readonly hashes: readonly unknown[] }[] };

const idsIn = (row: IdsOf | undefined): number =>
  row === undefined ? 0 : row.ids.reduce((count, { hashes }) => count + hashes.length, 0);

const evicted = (row: IdsOf, over: IdsOf | undefined, added: number): number => idsIn(over) + added - idsIn(row);

function deadLettersOf(world: World, services: Services, environment: ExecutionEnvironment): DeadLetters {
  const { deck, requests, trace } = world;
  const keep = (letter: DeadLetter, own: Attempt): TransientError | undefined => {
    if (deck.strikes('throttle')) return new TransientError('simulated.throttled', 'The queue refused a message');
    services.letters.push(letter);
    checkCrashes(world, services, own, letter);
    const at = letter.position === undefined ? '' : ` of #${services.stream.record(letter.position.sequence).order}`;
    trace?.add(`${services.name} env ${environment.id}`, `dead letter${at}: ${letter.cause.code}`);
    return undefined;
  };
  return {
    put: (letters) => {
      const { attempt } = environment;
      return requests.send(environment, {
        port: 'dead-letters',
        loses: 'queue-answer-lost',
        land: () => letters.map((letter) => keep(letter, attempt)),
      });
    },
  };
}

/** Nothing may be rejected as a killer of the function because of an attempt that came to its end. */
function checkCrashes(
  { breaches }: World,
  { name, stream, checkpoints }: Services,
  own: Attempt,
  { cause, position }: DeadLetter,
): void {
  if (cause.code !== 'record.crashes' || position === undefined) return;
  const attempts = checkpoints.attempts.get(position.sequence) ?? [];
  const ended = attempts.filter((attempt) => attempt.ended && attempt !== own).length;
  if (ended === 0) return;
  const message = `${name} #${stream.record(position.sequence).order} was rejected as record.crashes, but ${ended} of ${attempts.length} attempts ended`;
  breaches.push({ kind: 'letter', message });
}

function checkpointsOf(world: World, services: Services, environment: ExecutionEnvironment): Checkpoints {
  const { deck, requests, trace } = world;
  const { written, attempts } = services.checkpoints;
  const write = <T>(land: () => T): Promise<T> =>
    requests.send(environment, { port: 'checkpoints', loses: 'store-answer-lost', land });
  return {
    write: ({ token }) =>
      write(() => {
        written.add(token);
        trace?.add(`${services.name} env ${environment.id}`, `checkpoint of ${token}: all its effects are out`);
      }),
    existing: (tokens) =>
      requests.send(environment, {
        port: 'checkpoints',
        land: () => new Set(tokens.filter((token) => written.has(token) && !deck.strikes('checkpoint-unseen'))),
      }),
    countAttempt: ({ sequence }) => {
      const { attempt } = environment;
      return write(() => {
        const counted = attempts.get(sequence) ?? [];
        attempts.set(sequence, [...counted, attempt]);
        return counted.length + 1;
      });
    },
    clearAttempts: ({ sequence }) =>
      write(() => {
        attempts.delete(sequence);
      }),
  };
}
