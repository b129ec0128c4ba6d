/** What `$context` variables stand for, by the name after `$context.`; absent ones are written as `-`. */
export type LogVariables = Readonly<Record<string, string | number | undefined>>;

/** A line of an access log. Values are escaped as in JSON, since formats are JSON with variables in its texts. */
export const accessLogLine = (format: string, variables: LogVariables): string =>
  format.replaceAll(/\$context\.([a-zA-Z.]+)/g, (_, name: string) => {
    const value = variables[name];
    return value === undefined ? '-' : JSON.stringify(String(value)).slice(1, -1);
  });
