import type { Formats } from '../runtime/decode/formats.ts';
import { registryFormats } from '../runtime/formats/registry-formats.ts';
import type { Environment } from '../runtime/ports.ts';
import { createGlueClient, glueSchemas } from './glue-schemas.ts';

/** Everything that reading framed records takes: the client of the registry and, once a schema needs it, the library of its format. */
export const glueFormats = (environment: Environment): Formats =>
  registryFormats(glueSchemas(createGlueClient()), environment);
