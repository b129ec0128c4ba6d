import type { Formats } from '../runtime/decode/formats.ts';
import { type Clock, registryFormats } from '../runtime/formats/registry-formats.ts';
import { createGlueClient, glueSchemas } from './glue-schemas.ts';

/** Everything that reading framed records takes: the client of the registry and, once a schema needs it, the library of its format. */
export const glueFormats = (environment: Clock): Formats =>
  registryFormats(glueSchemas(createGlueClient()), environment);
