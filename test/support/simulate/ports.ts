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
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import type { ExecutionEnvironment } from './environment.ts';
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
  const keep = (letter: DeadLetter): TransientError | undefined => {
    if (deck.strikes('throttle')) return new TransientError('simulated.throttled', 'The queue refused a message');
    services.letters.push(letter);
    checkCrashes(world, services, environment, letter);
    const at = letter.position === undefined ? '' : ` of ${services.stream.record(letter.position.sequence).order}`;
    trace?.add(`${services.name} env ${environment.id}`, `dead letter${at}: ${letter.cause.code}`);
    return undefined;
  };
  return {
    put: (letters) =>
      requests.send(environment, {
        port: 'dead-letters',
        loses: 'queue-answer-lost',
        land: () => letters.map(keep),
      }),
  };
}

/** Nothing may be rejected as a killer of the function unless it was there so many times when the function did not come to its end. */
function checkCrashes(
  { breaches }: World,
  { name, stream, unended }: Services,
  environment: ExecutionEnvironment,
  { cause, position }: DeadLetter,
): void {
  if (cause.code !== 'record.crashes' || position === undefined) return;
  // Others may have begun since, and a letter may land late.
  const attempts = Math.max(environment.attempts, unended.get(position.sequence) ?? 0);
  if (attempts >= DEFAULTS.crashes.attempts) return;
  const { order } = stream.record(position.sequence);
  breaches.push({
    kind: 'letter',
    message: `${name} #${order} was rejected as ${cause.code} after ${attempts} attempts`,
  });
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
    countAttempt: ({ sequence }) =>
      write(() => {
        const count = (attempts.get(sequence) ?? 0) + 1;
        attempts.set(sequence, count);
        return count;
      }),
    clearAttempts: ({ sequence }) =>
      write(() => {
        attempts.delete(sequence);
      }),
  };
}
