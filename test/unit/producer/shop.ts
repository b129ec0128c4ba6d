import { Producer, type ProducerOptions, Sender, type SenderOptions } from '../../../lambdas/producer/index.ts';
import { itemAdded } from '../../../lambdas/systems/profiles/events.ts';
import { type EnvelopePart, eventOf } from '../../support/events.ts';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts';
import { clockOf, FakeStream, type FakeStreamOptions } from './fake-stream.ts';

/** Data that the newest schema of cart.item-added takes. */
export const MUG = { productId: 'mug', quantity: 1, unitPrice: 900, currency: 'USD' } as const;

/** A complete event. */
export const added = (subject: string, id: string, envelope: EnvelopePart = {}) =>
  eventOf(itemAdded, MUG, { subject, id, ...envelope });

/** A complete event whose JSON has about so many bytes. */
export const padded = (subject: string, id: string, bytes: number) => ({
  ...added(subject, id),
  data: { ...MUG, padding: 'x'.repeat(Math.max(0, bytes - 300)) },
});

/** A stream and somebody who writes to it, in virtual time. */
export interface Bench<Writer> {
  readonly clock: VirtualClock;
  readonly stream: FakeStream;
  readonly writer: Writer;
}

export function producerBench(options: Partial<ProducerOptions> = {}, stream: FakeStreamOptions = {}): Bench<Producer> {
  const clock = virtualClock();
  const fake = new FakeStream(clock, stream);
  const writer = new Producer(fake.put, { source: 'urn:test:shop', clock: clockOf(clock), ...options });
  return { clock, stream: fake, writer };
}

export function senderBench(options: SenderOptions = {}, stream: FakeStreamOptions = {}): Bench<Sender> {
  const clock = virtualClock();
  const fake = new FakeStream(clock, stream);
  return { clock, stream: fake, writer: new Sender(fake.put, { clock: clockOf(clock), ...options }) };
}
