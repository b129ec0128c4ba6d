import { z } from 'zod';
import { flag, oneOf, whole } from './values.ts';

const POSITION = 'TRIM_HORIZON, or a time such as 2026-11-01T00:00:00Z';

/** What a system may have of its own. */
const ofSystems = {
  batchSize: whole(1, 10_000).describe('Records per invocation at most.'),
  batchingWindowSeconds: whole(0, 300).describe(
    'Seconds for which a batch waits to fill up: more events of a key per batch, fewer writes, less fresh.',
  ),
  parallelizationFactor: whole(1, 10)
    .optional()
    .describe(
      'Batches of one shard in flight at once, in order per partition key. Left out: 10, or 1 where producers use the KPL.',
    ),
  startingPosition: z
    .union([z.literal('TRIM_HORIZON'), z.iso.datetime(POSITION)], POSITION)
    .describe(
      'Where a new event source mapping begins: with the oldest record, or with what arrived at a time (`AT_TIMESTAMP`). It counts when the mapping is made; CloudFormation can change it only by replacing the mapping.',
    ),
  consumer: oneOf('shared', 'enhanced-fan-out').describe(
    'How the stream is read: `shared` shares 2 MB/s and 5 reads/s a shard with all other consumers, `enhanced-fan-out` has 2 MB/s of its own for a price. Refused where producers use the KPL.',
  ),
  memoryMb: whole(128, 10_240).describe("Memory of a processor's function, which decides its CPU as well."),
  timeoutSeconds: whole(30, 900).describe(
    'The runtime stops retrying after three quarters of them and reports what is blocked.',
  ),
  reservedConcurrency: whole(1, 10_000)
    .optional()
    .describe(
      "Environments of a processor's function at most, taken from the account's. Below shards × `parallelizationFactor` batches wait. Left out: what the account has left.",
    ),
};

const PER_SYSTEM = `settings of single systems, such as {"profiles":{"batchSize":100}}; of each: ${Object.keys(ofSystems).join(', ')}`;

/** How processors run. */
export const processing = {
  ...ofSystems,
  perSystem: z
    .record(z.string(), z.strictObject(ofSystems, PER_SYSTEM).partial(), PER_SYSTEM)
    .optional()
    .describe('Any of the settings above for single systems, by name.'),
  replayMode: flag().describe(
    'Arrival time is the extension `recordedtime` of the event: for stages that replay historical data, never for live ones.',
  ),
  binaryEvents: flag().describe(
    "Records may be Avro or Protobuf under the header of the stage's schema registry. Costs size and start-up: off where all send JSON.",
  ),
};

const system = z.object(ofSystems);

/** The settings of one system. */
export type SystemSettings = Readonly<z.output<typeof system>>;

/** Those of the stage, with what `perSystem` says of the system instead. */
export function systemSettings(
  settings: SystemSettings & { readonly perSystem?: Readonly<Record<string, object>> | undefined },
  name: string,
): SystemSettings {
  const own = settings.perSystem;
  return system.parse({ ...settings, ...(own !== undefined && Object.hasOwn(own, name) ? own[name] : {}) });
}
