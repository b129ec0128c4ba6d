import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnRegistry, CfnSchema, CfnSchemaVersion } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';

/** A schema of the registry with all its versions, oldest first. */
export interface RegisteredSchema {
  /** Letters, digits, `-`, `_`, `$`, `#` and `.`, up to 255. */
  readonly name: string;
  readonly description: string;
  /** What Glue refuses when somebody registers a further version. */
  readonly compatibility: 'BACKWARD' | 'BACKWARD_ALL' | 'FORWARD' | 'FORWARD_ALL' | 'FULL' | 'FULL_ALL' | 'NONE';
  /** JSON Schemas, draft-07. A text that changes replaces its version, so it never should. */
  readonly definitions: readonly string[];
}

export interface SchemaRegistryProps {
  /** Physical name: Glue does not make one up. */
  readonly registryName: string;
  readonly description: string;
  readonly schemas: readonly RegisteredSchema[];
  /** Default: retained, since records in streams and archives name versions by the registry's ids. */
  readonly removalPolicy?: RemovalPolicy;
}

/** Glue's quota for one definition. */
const MOST_BYTES = 170 * 1024;

/** A schema registry with every version of every event type, for producers' serializers and for whoever asks what an event looks like. */
export class SchemaRegistry extends Construct {
  readonly registryName: string;
  readonly registryArn: string;

  /** @throws Error for a schema without versions or with one that is too large for Glue. */
  constructor(scope: Construct, id: string, props: SchemaRegistryProps) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const registry = new CfnRegistry(this, 'Registry', { name: props.registryName, description: props.description });
    registry.applyRemovalPolicy(removalPolicy);
    this.registryName = props.registryName;
    this.registryArn = registry.attrArn;
    for (const schema of props.schemas) this.register(schema, registry, removalPolicy);
  }

  /** The first version comes with its schema; the others follow one by one, since Glue numbers them as they arrive. */
  private register(
    { name, description, compatibility, definitions }: RegisteredSchema,
    registry: CfnRegistry,
    removalPolicy: RemovalPolicy,
  ): void {
    for (const definition of definitions) checkSize(name, definition);
    const [first, ...later] = definitions;
    if (first === undefined) throw new Error(`schema ${name} has no version`);
    const schema = new CfnSchema(this, name, {
      registry: { arn: registry.attrArn },
      name,
      description,
      compatibility,
      dataFormat: 'JSON',
      schemaDefinition: first,
      // Without it Glue refuses to change the compatibility later.
      checkpointVersion: { isLatest: true },
    });
    schema.applyRemovalPolicy(removalPolicy);
    let previous: CfnSchema | CfnSchemaVersion = schema;
    for (const [index, definition] of later.entries()) {
      const version = new CfnSchemaVersion(this, `${name} ${index + 2}`, {
        schema: { schemaArn: schema.attrArn },
        schemaDefinition: definition,
      });
      version.applyRemovalPolicy(removalPolicy);
      version.addResourceDependency(previous);
      previous = version;
    }
  }
}

function checkSize(name: string, definition: string): void {
  const bytes = Buffer.byteLength(definition);
  if (bytes > MOST_BYTES)
    throw new Error(`schema ${name} has a version of ${bytes} bytes; Glue takes up to ${MOST_BYTES}`);
}
