/** What a caller of the local Slack must never do. Slack itself would refuse it, drop it, or show people something wrong. */
export type ViolationKind =
  | 'arguments' // unknown or missing arguments, wrong encoding, a method that does not exist
  | 'token' // no token, or one that is not for this method
  | 'blocks' // a limit or the structure of Block Kit
  | 'mrkdwn' // markup that mentions people, hides a link's address, or was not escaped
  | 'retry-after' // a call before the time that Retry-After named was over
  | 'acknowledgement' // late, none, or one that Slack does not understand
  | 'trigger' // used twice, or after its three seconds
  | 'response-url' // used more often or later than allowed
  | 'foreign-message' // an edit of a message that the app did not post, or that does not exist
  | 'socket'; // frames that Socket Mode does not know

export interface Violation {
  readonly kind: ViolationKind;
  readonly what: string;
}

/** All that callers did wrong, the oldest first. A test that leaves any fails. */
export class Violations {
  readonly #all: Violation[] = [];

  get all(): readonly Violation[] {
    return [...this.#all];
  }

  note(kind: ViolationKind, what: string): void {
    this.#all.push({ kind, what });
  }

  /** Takes those of a kind away, for a test that caused them on purpose, and gives them. */
  take(kind: ViolationKind): readonly Violation[] {
    const taken = this.#all.filter((violation) => violation.kind === kind);
    this.#all.splice(0, this.#all.length, ...this.#all.filter((violation) => violation.kind !== kind));
    return taken;
  }
}
