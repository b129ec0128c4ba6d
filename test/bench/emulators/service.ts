import dynalite from 'dynalite';
import kinesalite from 'kinesalite';
import type { TableCounts } from '../../../local/dynamodb/counts.ts';
import { TableObserver } from '../../../local/dynamodb/observer.ts';
import { dispatchTo, startFront } from '../../../local/emulators/front.ts';
import { parentChannel, serve } from '../rpc.ts';
import { type Asked, Meter } from './meter.ts';

/** DynamoDB and Kinesis, in a process of their own: what they cost is not what is measured. */
export interface EmulatorService {
  endpoints(): Endpoints;
  /** What was asked of a table or stream since this was last asked, and all writes of the table since it was made. */
  reading(name: string): Reading;
}

export interface Endpoints {
  readonly dynamodb: string;
  readonly kinesis: string;
}

export interface Reading {
  readonly asked: Asked;
  readonly writes: TableCounts;
}

const meter = new Meter();
const observer = new TableObserver(dispatchTo(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })));
/** A stream for each contestant of each stream of events; kinesalite's default of 10 shards is the quota of a new account. */
const SHARD_LIMIT = 1000;
const streams = dispatchTo(
  kinesalite({ createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: SHARD_LIMIT }),
);
const pass = () => 'pass' as const;
const [dynamodb, kinesis] = await Promise.all([
  startFront('dynamodb', meter.metered(observer.dispatch), { fault: pass }),
  startFront('kinesis', meter.metered(streams), { fault: pass }),
]);

serve<EmulatorService>(parentChannel(), {
  endpoints: () => ({ dynamodb: dynamodb.url, kinesis: kinesis.url }),
  reading: (name) => ({ asked: meter.take(name), writes: observer.counts(name) }),
});
