import type { SystemManifest } from '../../core/manifest.ts';

/** Names that the reducer writes and the index reads. */
export const SEGMENT_INDEX = {
  name: 'bySegment',
  partitionKey: 'segmentShard',
  sortKey: 'segmentSince',
  shards: 16,
} as const;

/** Its routes in the REST API; view.ts says what they answer. */
export const PROFILE_ROUTES = {
  one: { path: '/profiles/{id}' },
  ofSegment: { path: '/profiles', index: SEGMENT_INDEX.name },
} as const;

export const profiles: SystemManifest = {
  name: 'profiles',
  description: 'One row per user: cart, total spend and orders per currency, recent products, spend segment',
  entry: 'lambdas/systems/profiles/handler.ts',
  inputStream: 'shop',
  outputStreams: ['profile-updates'],
  alertQueues: [],
  deduplication: 'recent',
  indexes: [
    {
      name: SEGMENT_INDEX.name,
      partitionKey: SEGMENT_INDEX.partitionKey,
      sortKey: { name: SEGMENT_INDEX.sortKey, type: 'string' },
      projected: ['segment'],
      shards: SEGMENT_INDEX.shards,
    },
  ],
  analysts: {
    attributes: [
      'status',
      'cartValue',
      'totalSpend',
      'orders',
      'segment',
      SEGMENT_INDEX.partitionKey,
      SEGMENT_INDEX.sortKey,
      'firstSeen',
      'lastSeen',
      'erasedAt',
    ],
    personal: ['cart', 'recentProducts'],
  },
  routes: [PROFILE_ROUTES.one, PROFILE_ROUTES.ofSegment],
};
