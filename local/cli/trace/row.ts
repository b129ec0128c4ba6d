import { hashesOf, IDS } from '../../../lambdas/core/ids.ts';
import { isCovered } from '../../../lambdas/core/position.ts';
import type { Row } from '../../../lambdas/core/row.ts';
import { hashId } from '../../../lambdas/runtime/decode/event.ts';
import { hasCheckpoint, type Resources, readRow } from '../redrive/stage.ts';
import type { RowTrace } from './model.ts';
import type { Place } from './place.ts';
import type { Sighting } from './scan.ts';

/** What the row of an event's subject says of it; undefined if there is no row. */
export async function traceRow(
  { documents }: Place,
  { table, checkpointTable }: Resources,
  { event, position }: Sighting,
): Promise<RowTrace | undefined> {
  const row = await readRow(documents, table, event.subject);
  if (row === undefined) return undefined;
  const isSettled = row.outbox === undefined || (await hasCheckpoint(documents, checkpointTable, row.token));
  return {
    version: row.version,
    epoch: row.epoch,
    knowsId: hashesOf(row.ids).has(hashId(event)),
    ...reachOf(row),
    passed: isCovered(row.marks, position),
    outbox: row.outbox === undefined ? 'empty' : isSettled ? 'settled' : 'unsettled',
  };
}

/** While a row has fewer ids than it keeps at least, it has forgotten none. */
function reachOf({ ids }: Row): Pick<RowTrace, 'idsReachTo'> {
  const size = ids.reduce((sum, { hashes }) => sum + hashes.length, 0);
  const [oldest] = ids;
  if (size < IDS.least || oldest === undefined) return {};
  return { idsReachTo: new Date((oldest.minute + 1) * 60_000).toISOString() };
}
