/** What happened in a run, one line each, with the virtual time since its start. */
export class Trace {
  readonly lines: string[] = [];
  readonly #now: () => number;
  readonly #startMs: number;

  constructor(now: () => number, startMs: number) {
    this.#now = now;
    this.#startMs = startMs;
  }

  add(who: string, what: string): void {
    this.lines.push(`${clock(this.#now() - this.#startMs)} ${who.padEnd(18)} ${what}`);
  }
}

/** `01:02:03.456`, hours first. */
function clock(ms: number): string {
  const whole = Math.floor(ms);
  const part = (unit: number, range: number, digits: number): string =>
    String(Math.floor(whole / unit) % range).padStart(digits, '0');
  return `${part(3_600_000, 10_000, 2)}:${part(60_000, 60, 2)}:${part(1_000, 60, 2)}.${part(1, 1_000, 3)}`;
}
