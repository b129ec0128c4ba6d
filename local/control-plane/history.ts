import { randomUUID } from 'node:crypto';

/** What happened to a stack or to one of its resources, in CloudFormation's words. */
export interface StackEvent {
  readonly id: string;
  readonly at: Date;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** The status of a stack and what led to it. */
export class StackHistory {
  readonly #stack: { readonly name: string; readonly id: string };
  readonly #events: StackEvent[] = [];
  #status = '';
  #reason: string | undefined;
  #changedAt: Date | undefined;

  constructor(stack: { readonly name: string; readonly id: string }) {
    this.#stack = stack;
    this.enter('REVIEW_IN_PROGRESS');
  }

  get status(): string {
    return this.#status;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  /** When its status changed last. */
  get changedAt(): Date | undefined {
    return this.#changedAt;
  }

  /** Latest last. */
  get events(): readonly StackEvent[] {
    return this.#events;
  }

  /** The stack is in this status from now on. */
  enter(status: string, reason?: string): void {
    this.#status = status;
    this.#reason = reason;
    this.#changedAt = new Date();
    const { name, id } = this.#stack;
    this.tell({
      logicalId: name,
      physicalId: id,
      type: STACK_TYPE,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  tell(event: Omit<StackEvent, 'id' | 'at'>): void {
    // Later than the one before, since clients sort by it.
    const earliest = (this.#events.at(-1)?.at.getTime() ?? 0) + 1;
    this.#events.push({ ...event, id: randomUUID(), at: new Date(Math.max(earliest, Date.now())) });
  }
}

/** Why something failed, in one text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
