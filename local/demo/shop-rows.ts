import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { hundredthsOf } from './hundredths.ts';

/** The shop's events that come with the project; data/shop/README.md says where they are from. */
export const SHOP_EVENTS = join(import.meta.dirname, '../../data/shop/events.csv');

/** A line of the shop's log: one unit of one product. */
export interface ShopRow {
  /** From 1, without the heading. */
  readonly number: number;
  /** RFC 3339 in UTC, to the second. */
  readonly time: string;
  readonly action: 'view' | 'cart' | 'remove_from_cart' | 'purchase';
  readonly productId: string;
  /** Minor units. */
  readonly price: number;
  readonly userId: string;
  readonly sessionId: string;
}

/** A row that is not what data/shop/README.md promises. */
export class ShopDataError extends Error {
  override readonly name = 'ShopDataError';
}

const rowSchema = z.object({
  event_time: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/, 'must look like 2022-10-01 00:00:00 UTC'),
  event_type: z.enum(['view', 'cart', 'remove_from_cart', 'purchase']),
  product_id: z.string().min(1),
  price: z.string().regex(/^\d{1,9}(\.\d{1,2})?$/, 'must be a decimal with at most two digits after the point'),
  user_id: z.string().min(1),
  user_session: z.string().min(1),
});

/**
 * Reads a file of the shop row by row, in constant memory.
 *
 * @throws ShopDataError that names the file, the row, the column and what it should hold; what the file system throws passes through.
 */
export async function* readShopRows(file: string = SHOP_EVENTS): AsyncGenerator<ShopRow> {
  const source = createReadStream(file);
  const rows = parse({ bom: true, columns: true });
  source.on('error', (error) => rows.destroy(error));
  let number = 0;
  try {
    for await (const row of source.pipe(rows)) yield shopRow(row, ++number, file);
  } catch (error) {
    if (isCsvError(error)) throw new ShopDataError(`${file}, after row ${number}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    source.destroy();
  }
}

function shopRow(row: unknown, number: number, file: string): ShopRow {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ShopDataError(`${file}, row ${number}: ${problems.join('; ')}`);
  }
  const { event_time, event_type, product_id, price, user_id, user_session } = parsed.data;
  return {
    number,
    time: `${event_time.slice(0, 10)}T${event_time.slice(11, 19)}Z`,
    action: event_type,
    productId: product_id,
    price: hundredthsOf(price),
    userId: user_id,
    sessionId: user_session,
  };
}

const isCsvError = (error: unknown): error is CsvError =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
