/** A connection cannot be kept or written on the agent's machine; the message says what is wrong there. */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure';
  /** What the person at the machine does about it. */
  readonly next: string;

  constructor(message: string, next: string, cause?: unknown) {
    super(message, { cause });
    this.next = next;
  }
}
