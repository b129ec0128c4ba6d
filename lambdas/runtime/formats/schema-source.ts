/** A schema as a registry holds it. */
export interface SchemaDefinition {
  readonly format: 'AVRO' | 'PROTOBUF' | 'JSON';
  /** Avro's JSON, the text of a .proto file, or a JSON Schema. */
  readonly text: string;
}

export interface SchemaSource {
  /**
   * The schema version of an id (a UUID in lower case), or `unknown` if the registry has none under it that may be used, which stays so.
   * A version never changes, so the answer may be kept. Throws TransientError if the registry cannot tell now.
   */
  load(id: string, signal: AbortSignal): Promise<SchemaDefinition | 'unknown'>;
}
