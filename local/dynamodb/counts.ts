/** What clients asked of one table since it was made, and what AWS would bill for the writes. */
export interface TableCounts {
  /** Keys read by GetItem and BatchGetItem. */
  reads: number;
  /** Query and Scan requests. */
  queries: number;
  /** Puts that were accepted. */
  puts: number;
  /** Updates that were accepted. */
  updates: number;
  /** Deletes that were accepted, also of what was not there. */
  deletes: number;
  /** Writes that their condition refused. */
  conditionFailures: number;
  /** Write units of the table and its indexes, those of refused writes included. */
  writeUnits: number;
  /** The part of `writeUnits` that indexes caused. */
  indexWriteUnits: number;
}

export const noCounts = (): TableCounts => ({
  reads: 0,
  queries: 0,
  puts: 0,
  updates: 0,
  deletes: 0,
  conditionFailures: 0,
  writeUnits: 0,
  indexWriteUnits: 0,
});
