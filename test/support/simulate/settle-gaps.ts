import type { RejectionCode } from '../../../lambdas/core/rejection.ts';
import type { SimulatedFunction } from './function.ts';
import { identityOf } from './produced.ts';
import type { Services } from './services.ts';
import type { StoredRecord } from './stream.ts';
import { eventsIn } from './streams.ts';
import type { World } from './world.ts';

interface Part {
  readonly services: Services;
  readonly function: SimulatedFunction;
  readonly discarded: ReadonlyMap<number, string>;
}

/**
 * A record that was given up or rejected and yet committed may leave effects unsent until its key's next event: nobody comes back to it. What an
 * operator's redrive does is done here for such keys, and for no others: the last record that the row rests on comes again, its attempts forgotten, is recognised, and the outbox is settled first.
 */
export async function settleGaps(world: World, parts: readonly Part[], drained: () => Promise<void>): Promise<void> {
  for (const part of parts) {
    const records = [...gapKeys(part)].flatMap((key) => lastRecordOf(part.services, key) ?? []);
    for (const record of records) redrive(world, part, record);
    // What is sent now is the next system's input.
    await drained();
  }
}

function redrive(world: World, part: Part, record: StoredRecord): void {
  world.trace?.add(
    'redrive',
    `#${record.order} of ${part.services.name}, to settle the outbox of ${record.partitionKey}`,
  );
  part.services.checkpoints.attempts.delete(record.sequenceNumber);
  part.function.invoke([record], (result) => {
    const done = result.kind === 'returned' && JSON.stringify(result.payload) === '{"batchItemFailures":[]}';
    if (!done) world.scheduler.after(10_000, () => redrive(world, part, record));
  });
}

/** Keys of which a record was given up, or rejected because the function kept dying on it or because code was broken. */
function gapKeys({ services, discarded }: Part): ReadonlySet<string> {
  const { stream } = services;
  const keys = new Set([...discarded.keys()].flatMap((order) => stream.records[order]?.partitionKey ?? []));
  for (const { cause, position } of services.letters) {
    if (position !== undefined && AFTER_COMMIT.has(cause.code)) keys.add(stream.record(position.sequence).partitionKey);
  }
  return keys;
}

/** What may be said of a record that an invocation nobody waits for has committed, or yet commits. */
const AFTER_COMMIT: ReadonlySet<string> = new Set<RejectionCode>(['record.crashes', 'event.reducer-threw']);

function lastRecordOf({ table, stream }: Services, key: string): StoredRecord | undefined {
  const last = table.last(key)?.applied.at(-1);
  if (last === undefined) return undefined;
  const identity = identityOf(last);
  return stream.records.find(
    ({ partitionKey, data }) => partitionKey === key && eventsIn(data).some((event) => identityOf(event) === identity),
  );
}
