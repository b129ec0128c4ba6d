/** Items as the state table holds them, plain. */
export const activeItem = (id: string, changes: object = {}): Record<string, unknown> => ({
  id,
  _v: 3,
  _e: 'epoch',
  _s: 2,
  _tx: 'token',
  _pos: {},
  _ids: new Uint8Array([1, 2]),
  status: 'active',
  cart: [['mug', 2, 890, 'EUR']],
  cartValue: { EUR: 1_780 },
  totalSpend: { EUR: 21_000 },
  orders: { EUR: 1 },
  recentProducts: ['mug', 'a "red", large one'],
  firstSeen: '2026-11-01T12:00:00.000Z',
  lastSeen: '2026-11-01T12:05:00.000Z',
  segment: 'high',
  segmentShard: 'high#07',
  segmentSince: '2026-11-01T12:05:00.000Z',
  ...changes,
});

export const erasedItem = (id: string): Record<string, unknown> => ({
  id,
  _v: 4,
  _e: 'epoch',
  _s: 2,
  _tx: 'token',
  _pos: {},
  _ids: new Uint8Array(),
  status: 'erased',
  erasedAt: '2026-11-02T00:00:00.000Z',
});
