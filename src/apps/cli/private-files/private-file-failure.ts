import { UsageFailure } from '../terminal/conventions.js';

/** What is on this machine does not keep a secret: its folder or file is open to others, or cannot be read or written. */
export class PrivateFileFailure extends UsageFailure {
  /** What is wrong, as a sentence. */
  readonly fault: string;
  /** What the person at the machine does about it; undefined where that depends on whose folder it is. */
  readonly next: string | undefined;

  constructor(fault: string, next?: string, cause?: unknown) {
    super(next === undefined ? fault : `${fault} ${next}`, { cause });
    this.fault = fault;
    this.next = next;
  }
}
