import type { AdapterManifest } from '../../core/adapter.ts';
import type { Adapter } from './adapter.ts';
import { debeziumAdapter } from './debezium.ts';
import { dmsAdapter } from './dms.ts';
import { jsonAdapter } from './json.ts';

/** The adapter that a stream's manifest asks for. */
export function adapterOf(manifest: AdapterManifest): Adapter {
  switch (manifest.kind) {
    case 'json':
      return jsonAdapter(manifest);
    case 'debezium':
      return debeziumAdapter(manifest);
    case 'dms':
      return dmsAdapter(manifest);
  }
}
