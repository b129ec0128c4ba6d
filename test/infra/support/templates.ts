/** A resource of a template, with the stack and the logical id that name it. */
export interface Resource {
  readonly stack: 'stateful' | 'stateless';
  readonly id: string;
  readonly type: string;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever CloudFormation's types are.
  readonly properties: any;
  readonly deletionPolicy: string | undefined;
}

/** What a Ref, a Fn::GetAtt or a Fn::ImportValue stands for. */
export interface Target {
  readonly resource: Resource;
  /** `Ref`, or the attribute of a Fn::GetAtt. */
  readonly attribute: string;
}

interface Template {
  readonly Resources: Readonly<Record<string, RawResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: object;
  readonly DeletionPolicy?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

/** The templates of one stage, and what their references point at across both. */
export class Templates {
  readonly stateful: Template;
  readonly stateless: Template;

  constructor(stateful: Template, stateless: Template) {
    this.stateful = stateful;
    this.stateless = stateless;
  }

  /** Every resource, or those of one type. */
  resources(type?: string): Resource[] {
    return (['stateful', 'stateless'] as const).flatMap((stack) =>
      Object.entries(this[stack].Resources)
        .filter(([, raw]) => type === undefined || raw.Type === type)
        .map(([id, raw]) => this.resource(stack, id, raw)),
    );
  }

  /** @throws Error unless exactly one resource of the type has a path that ends so. */
  one(type: string, pathEnd = ''): Resource {
    const found = this.resources(type).filter(({ path }) => path.endsWith(pathEnd));
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(
        `${found.length} resources ${type} …${pathEnd}; there are: ${this.resources(type).map((r) => r.path)}`,
      );
    }
    return only;
  }

  /** What a reference in the stack's template stands for, through exports of the other one; undefined if it is no reference to a resource. */
  target(stack: Resource['stack'], value: unknown): Target | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    if ('Ref' in value) return this.targetOf(stack, String(value.Ref), 'Ref');
    if ('Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt'])) {
      const [id, attribute] = value['Fn::GetAtt'];
      return this.targetOf(stack, id, attribute);
    }
    if ('Fn::ImportValue' in value) {
      const exported = Object.values(this.stateful.Outputs ?? {}).find(
        (o) => o.Export?.Name === value['Fn::ImportValue'],
      );
      return exported === undefined ? undefined : this.target('stateful', exported.Value);
    }
    return undefined;
  }

  /** A value as people write it: `ProfilesTable.Arn`, `arn:<AWS::Partition>:…`, with resources by the path below their stack. */
  readable(stack: Resource['stack'], value: unknown): string {
    const target = this.target(stack, value);
    if (target !== undefined) {
      const name = target.resource.path
        .split('/')
        .slice(1)
        .join('/')
        .replace(/\/Resource$/, '');
      return target.attribute === 'Ref' ? `<${name}>` : `<${name}.${target.attribute}>`;
    }
    if (typeof value === 'object' && value !== null) {
      if ('Ref' in value) return `<${value.Ref}>`;
      if ('Fn::Join' in value && Array.isArray(value['Fn::Join'])) {
        const [delimiter, parts] = value['Fn::Join'];
        return parts.map((part: unknown) => this.readable(stack, part)).join(delimiter);
      }
    }
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  private targetOf(stack: Resource['stack'], id: string, attribute: string): Target | undefined {
    const raw = this[stack].Resources[id];
    return raw === undefined ? undefined : { resource: this.resource(stack, id, raw), attribute };
  }

  private resource(stack: Resource['stack'], id: string, raw: RawResource): Resource {
    return {
      stack,
      id,
      type: raw.Type,
      path: raw.Metadata?.['aws:cdk:path'] ?? id,
      properties: raw.Properties ?? {},
      deletionPolicy: raw.DeletionPolicy,
    };
  }
}
