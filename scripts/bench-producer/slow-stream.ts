/**
 * Sends far more than this process may hold into a stream that is much slower than its producer. Run with a bounded heap, it ends only if
 * the producer's buffer is bounded. Writes what the buffer held at most as JSON.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { Producer, type PutRecords } from '../../lambdas/producer/index.ts';
import { pageViewed } from '../../lambdas/systems/profiles/events.ts';

const EVENTS = 60_000;
const PATH_BYTES = 2_000;
const CALL_MS = 5;

let delivered = 0;
const slowly: PutRecords = async (records) => {
  await delay(CALL_MS);
  delivered += records.length;
  return records.map((_, nth) => ({ shardId: 'shardId-000000000000', sequenceNumber: String(nth) }));
};

const most = { events: 0, bytes: 0 };
const settings = { bufferEvents: 5_000, concurrency: 1, callBytes: 1024 * 1024 };
const producer = new Producer(slowly, { source: 'urn:bench', ...settings });
for (let nth = 0; nth < EVENTS; nth++) {
  const data = { path: `/${nth}/`.padEnd(PATH_BYTES, 'x') };
  await producer.send(pageViewed, { subject: `user-${nth % 1_000}`, data });
  const { buffered } = producer.metrics();
  most.events = Math.max(most.events, buffered.events);
  most.bytes = Math.max(most.bytes, buffered.bytes);
}
await producer.close();
const { delivered: events, bytes } = producer.metrics();
process.stdout.write(`${JSON.stringify({ events, bytes, records: delivered, most })}\n`);
