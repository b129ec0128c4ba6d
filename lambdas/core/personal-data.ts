/**
 * What a member tells of a person, marked in the schema: `.meta({ pii: 'pseudonym' })`. Logs, live views, replication and erasure read
 * the mark, so it may be added to a published version, but never taken away.
 *
 * `direct` identifies by itself (a name, an address, a telephone number); `pseudonym` only together with other data (an id of a user or
 * session); `sensitive` is what the law protects especially (health, religion, Article 9 GDPR).
 */
export const PERSONAL_DATA = ['direct', 'pseudonym', 'sensitive'] as const;

export type PersonalData = (typeof PERSONAL_DATA)[number];

declare module 'zod' {
  interface GlobalMeta {
    pii?: PersonalData;
  }
}
