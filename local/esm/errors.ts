/** A setting outside of what AWS allows. */
export class MappingSettingError extends Error {
  readonly code = 'esm.setting-refused';
  readonly setting: string;
  readonly value: unknown;
  readonly allowed: string;

  constructor(setting: string, value: unknown, allowed: string) {
    super(`event source mapping: ${setting} is ${JSON.stringify(value)}; allowed: ${allowed}`);
    this.name = 'MappingSettingError';
    this.setting = setting;
    this.value = value;
    this.allowed = allowed;
  }
}

/** The driver told the engine something that cannot be: a fault of the driver or of its shard source. */
export class EngineInputError extends Error {
  readonly code = 'esm.impossible-input';
  readonly details: Readonly<Record<string, string>>;

  constructor(message: string, details: Readonly<Record<string, string>>) {
    const context = Object.entries(details).map(([name, value]) => `, ${name} ${value}`);
    super(`event source mapping: ${message}${context.join('')}`);
    this.name = 'EngineInputError';
    this.details = details;
  }
}
