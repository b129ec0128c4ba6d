import { stripVTControlCharacters } from 'node:util';
import type { EventDefinition } from '../../../lambdas/core/catalogue.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { rejection } from '../../../lambdas/core/rejection.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { itemAdded, orderPurchased, pageViewed } from '../../../lambdas/systems/profiles/events.ts';
import { summaries } from '../../../lambdas/systems/summaries.ts';
import type { TailItem } from '../../../local/cli/tail/items.ts';
import { jsonLines, textLines } from '../../../local/cli/tail/lines.ts';
import { newMask, noMask } from '../../../local/cli/tail/mask.ts';
import { eventOf, NOON_MS, olderEventOf } from '../../support/events.ts';

const place = {
  position: { stream: 'shop', shard: 'shardId-000000000000', sequence: '77', index: 2 },
  partitionKey: '42',
  arrivalMs: NOON_MS,
};
const item = (event: CloudEvent, definition: EventDefinition, version = definition.versions.length): TailItem => ({
  kind: 'event',
  event,
  definition,
  version,
  ...place,
});
const subject = { subject: '42' };
const added = item(
  eventOf(itemAdded, { productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' }, subject),
  itemAdded,
);
const rejected: TailItem = {
  kind: 'rejected',
  cause: rejection('event.invalid-data', 'The data does not satisfy urn:millrace:page.viewed:1', {
    type: 'page.viewed',
    issues: ['productId: Too small'],
  }),
  payload: () => Buffer.from('{"secret":1}'),
  ...place,
};

const plain = { mask: noMask, summaries, colours: false };

describe('a line for people', () => {
  test('says when, who, what and, in a sentence, what happened', () => {
    expect(textLines(plain)(added)).toBe(
      '2026-11-01 12:00:00Z  42    cart.item-added  user 42 added 2 × mug at EUR 8.90',
    );
  });

  test.each<[TailItem, string]>([
    [
      item(
        olderEventOf(itemAdded, 1, { productId: 'mug', quantity: 2, price: '8.90', currency: 'JPY' }, subject),
        itemAdded,
        1,
      ),
      'user 42 added 2 × mug at JPY 9',
    ],
    [item(eventOf(pageViewed, { path: '/about' }, subject), pageViewed), 'user 42 looked at /about'],
    [
      item(
        eventOf(
          orderPurchased,
          { orderId: 'o', currency: 'EUR', total: 1780, lines: [{ productId: 'mug', quantity: 2, unitPrice: 890 }] },
          subject,
        ),
        orderPurchased,
      ),
      'user 42 bought 2 pieces for EUR 17.80',
    ],
    [
      rejected,
      'rejected [page.viewed]: The data does not satisfy urn:millrace:page.viewed:1 (productId: Too small), at shardId-000000000000 77/2',
    ],
  ])('%#', (one, summary) => expect(textLines(plain)(one).endsWith(`  ${summary}`)).toBe(true));

  test('of a type without a summary shows the first members', () => {
    const line = textLines({ ...plain, summaries: new Map() })(added);
    expect(line).toMatch(/ {2}about 42, productId mug, quantity 2, unitPrice 890, currency EUR$/);
  });

  test('masks the subject everywhere, and sessions, and is the same for the same person', () => {
    const mask = newMask();
    const lines = textLines({ ...plain, mask });
    const [first, second] = [lines(added), lines(rejected)];
    const [name = ''] = /#[0-9a-f]{6}/.exec(first) ?? [];
    expect(first).toContain(`user ${name} added 2 × mug`);
    expect(second).toContain(name);
    expect(first + second).not.toMatch(/\b42\b|secret/);
  });

  test('cannot move the cursor', () => {
    const evil = item(
      eventOf(pageViewed, { productId: '\u001b[2J\nforged line' }, { subject: '\u001b]0;x\u0007' }),
      pageViewed,
    );
    expect(textLines(plain)(evil)).not.toMatch(/\p{Cc}/u);
  });

  test('is as wide as the terminal', () => {
    const line = textLines({ ...plain, columns: 60 })(added);
    expect(line).toHaveLength(60);
    expect(line).toMatch(/user 42 added …$/);
    expect(textLines({ ...plain, columns: 10 })(added)).toContain('cart.item-added');
  });

  test('has colours only where they are wanted, and the same text', () => {
    const coloured = textLines({ ...plain, colours: true })(rejected);
    expect(coloured).toContain('\u001b[31m');
    expect(stripVTControlCharacters(coloured)).toBe(textLines(plain)(rejected));
  });
});

describe('a line for programs', () => {
  test('is the event in its own version, with its position', () => {
    const event = olderEventOf(
      itemAdded,
      1,
      { productId: 'mug', quantity: 2, price: '8.90', currency: 'EUR' },
      subject,
    );
    expect(JSON.parse(jsonLines({ mask: noMask })(item(event, itemAdded, 1)))).toEqual({
      position: place.position,
      arrival: '2026-11-01T12:00:00.000Z',
      event,
    });
  });

  test('is the reason of a rejection, without the payload', () => {
    const line = jsonLines({ mask: newMask() })(rejected);
    expect(JSON.parse(line)).toMatchObject({
      rejected: { code: 'event.invalid-data' },
      partitionKey: expect.stringMatching(/^#/),
    });
    expect(line).not.toContain('secret');
  });
});

describe('every event type of the catalogue', () => {
  test.each([...catalogue.values()].map((definition) => [definition.type, definition] as const))(
    '%s has a summary, masked or not',
    (type, definition) => {
      expect([...summaries.keys()]).toContain(type);
      for (const [at, { example }] of definition.versions.entries()) {
        const event = olderEventOf(definition, at + 1, example, { subject: 'user-77' });
        expect(textLines(plain)(item(event, definition, at + 1))).toContain('user user-77 ');
        const masked = textLines({ ...plain, mask: newMask() })(item(event, definition, at + 1));
        expect(masked).not.toContain('about #');
        expect(masked).not.toContain('user-77');
      }
    },
  );
});
