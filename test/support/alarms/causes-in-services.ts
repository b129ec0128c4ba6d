import { STATEFUL_OUTPUTS, STATELESS_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { askApi } from '../../../local/cli/api/ask.ts';
import { REGION } from '../../../local/emulators/emulators.ts';
import type { FaultRequest } from '../../../local/emulators/front.ts';
import type { Cause, CausesIn } from './cause.ts';
import type { AlarmWorld } from './world.ts';

/** More than the alarm allows a request, and less than the API's function waits for an answer of the table. */
const SLOW_MS = 1_200;

const putsOn =
  (stream: string) =>
  ({ operation, input }: FaultRequest): boolean =>
    operation === 'PutRecords' && (input() as { StreamName: string }).StreamName === stream;

const asked = (world: AlarmWorld, user: string): Promise<{ readonly status: number }> =>
  askApi(
    {
      endpoint: world.stateless(STATELESS_OUTPUTS.apiEndpoint),
      region: REGION,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
    `/profiles/${user}`,
  );

async function expectStatus(world: AlarmWorld, user: string, expected: number): Promise<void> {
  const { status } = await asked(world, user);
  if (status !== expected) throw new Error(`GET /profiles/${user} answered ${status} instead of ${expected}`);
}

/** A producer's records are refused once in every minute, and taken when it puts them again. */
const refusedProducer = (world: () => AlarmWorld): Cause => ({
  trouble: async () => {
    const stream = world().stateful(STATEFUL_OUTPUTS.streamName('shop'));
    const refused = world().throttleNext(putsOn(stream));
    const taken = await world()
      .put()
      .catch(() => world().put());
    await refused;
    return taken;
  },
  repair: () => world().untilFolded(),
});

/** The function itself is refused once in every minute, tries again, and folds the event all the same. */
const refusedFunction = (world: () => AlarmWorld, isMeant: () => (request: FaultRequest) => boolean): Cause => ({
  trouble: async () => {
    const refused = world().throttleNext(isMeant());
    await world().putAndFold();
    await refused;
  },
  repair: () => undefined,
});

/** What the services around the functions refuse, and what the API's callers notice. */
export const causesInServices: CausesIn = (world) => {
  const table = () => world().stateful(STATEFUL_OUTPUTS.tableName('profiles'));
  const updates = () => putsOn(world().stateful(STATEFUL_OUTPUTS.streamName('profile-updates')));
  let user = '';
  return {
    'ProfilesAlarms/TableThrottled': refusedFunction(world, () => {
      const name = table();
      return ({ operation, input }) => operation === 'PutItem' && (input() as { TableName: string }).TableName === name;
    }),
    'ShopStreamAlarms/WritesThrottled': refusedProducer(world),
    'ShopStreamAlarms/HotShard': refusedProducer(world),
    'ProfileUpdatesStreamAlarms/WritesThrottled': refusedFunction(world, updates),
    'ProfileUpdatesStreamAlarms/HotShard': refusedFunction(world, updates),
    'QueryAlarms/ServerErrors': {
      first: async () => {
        user = await world().putAndFold();
        world().api.deploy(world().code.throwing);
      },
      trouble: () => expectStatus(world(), user, 500),
      repair: async () => {
        world().rollBack(world().api);
        await expectStatus(world(), user, 200);
      },
    },
    'QueryAlarms/Slow': {
      first: async () => {
        user = await world().putAndFold();
        world().cloud.setFaultHook(({ operation }) =>
          operation === 'GetItem' ? { after: world().clock.advance(SLOW_MS) } : 'pass',
        );
      },
      trouble: () => expectStatus(world(), user, 200),
      repair: async () => {
        world().cloud.setFaultHook();
        await expectStatus(world(), user, 200);
      },
    },
  };
};
