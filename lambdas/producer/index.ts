/**
 * The producer library: typed events into a Kinesis stream, in the order of each key, nothing lost, repeats only under the same id. Works alone: all that
 * it needs of Millrace is the definitions of the events. See docs/producers.md.
 */
export { type Clock, systemClock } from './clock.ts';
export type { EventFields } from './compose.ts';
export {
  type DeliveryFailure,
  InvalidEventError,
  OversizeEventError,
  ProducerClosedError,
  type Undelivered,
  UndeliveredError,
} from './errors.ts';
export type { Outcome } from './item.ts';
export { kinesisRecords, producerClient, type RecordsClient } from './kinesis.ts';
export type { CallReport, ProducerMetrics } from './metrics.ts';
export type { SenderOptions, Waits } from './options.ts';
export type { PacedShard } from './pacing.ts';
export { createProducer, Producer, type ProducerOptions } from './producer.ts';
export type { Receipt } from './receipt.ts';
export { type Delivery, type PutRecords, RecordError, type StreamRecord } from './record.ts';
export { Sender } from './sender.ts';
export type { Settings, SettingsInput } from './settings.ts';
