import * as z from 'zod';
import { defineEvent } from '../../core/catalogue.ts';

/** A click says what a visitor does on a page, which no processor folds yet: the live tail shows it. */
export const elementClicked = defineEvent('element.clicked', {
  description: 'A visitor clicked on something on a page of the shop',
  owner: 'shop',
  subject: { is: 'user id, as the shop knows it', example: 'user-42', pii: 'pseudonym' },
  schema: z.object({
    element: z.string().min(1).max(256).describe('what was clicked, as the page names it'),
    path: z.string().max(2_048).optional().describe('path of the page, without host and query'),
    productId: z.string().min(1).max(128).optional().describe("the product's id in the shop, if it is about one"),
    sessionId: z
      .string()
      .min(1)
      .max(128)
      .meta({ pii: 'pseudonym', description: "the visit, as the shop's session cookie names it" })
      .optional(),
  }),
  example: { element: 'buy-button', path: '/mugs/mug', productId: 'mug', sessionId: 's-7f3a' },
});
