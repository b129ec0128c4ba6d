import type { SchemaDefinition, SchemaSource } from '../../../lambdas/runtime/formats/schema-source.ts';

/** A registry in memory, by id. */
export const memorySchemas = (schemas: Readonly<Record<string, SchemaDefinition>>): SchemaSource => ({
  load: async (id, signal) => {
    signal.throwIfAborted();
    return schemas[id] ?? 'unknown';
  },
});
