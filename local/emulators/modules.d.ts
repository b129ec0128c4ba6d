/** kinesalite and dynalite ship no types. Both return a plain HTTP server; only what Millrace uses is declared. */
declare module 'kinesalite' {
  import type { Server } from 'node:http';
  export default function kinesalite(options?: {
    readonly createStreamMs?: number;
    readonly deleteStreamMs?: number;
    readonly updateStreamMs?: number;
    readonly shardLimit?: number;
  }): Server;
}

declare module 'kinesalite/validations/*.js' {
  const validation: { readonly types: { readonly RetentionPeriodHours: { lessThanOrEqual: number } } };
  export default validation;
}

declare module 'dynalite' {
  import type { Server } from 'node:http';
  export default function dynalite(options?: {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
    /** Directory of the LevelDB store; in memory without it. */
    readonly path?: string;
  }): Server;
}
