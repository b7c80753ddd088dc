import type { ApprovalSummaryView } from '../../contracts/approval.js';

/** Why asking about an approval ends: somebody else settled it, or nothing is asked here any more. */
export const SETTLED = new Error('It need not be decided any more.');
export const ENDED = new Error('Nothing more is asked here.');

/** What waits for the person at the terminal, in the order it came. */
export class ApprovalInbox {
  readonly #waiting = new Map<string, ApprovalSummaryView>();
  readonly #put = new Set<string>();
  #bell = Promise.withResolvers<void>();
  #current: { readonly id: string; readonly over: AbortController } | undefined;
  #closed = false;

  /** Takes a change in; one that can no longer be decided here ends the asking about it. */
  take(approval: ApprovalSummaryView): void {
    if (approval.canDecide.allowed) {
      if (!this.#put.has(approval.id)) this.#waiting.set(approval.id, approval);
    } else {
      this.#waiting.delete(approval.id);
      if (this.#current?.id === approval.id) this.#current.over.abort(SETTLED);
    }
    this.#ring();
  }

  /** The next one to decide, and a signal that it need not be decided any more; undefined when there will be none. */
  async next(): Promise<{ readonly id: string; readonly over: AbortSignal } | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      const [id] = this.#waiting.keys();
      if (id !== undefined) {
        this.#current = { id, over: new AbortController() };
        return { id, over: this.#current.over.signal };
      }
      await this.#bell.promise;
    }
  }

  /** The person is done with it, one way or the other: it is not shown again. */
  put(id: string): void {
    this.#waiting.delete(id);
    this.#put.add(id);
    this.#current = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#current?.over.abort(ENDED);
    this.#ring();
  }

  #ring(): void {
    this.#bell.resolve();
    this.#bell = Promise.withResolvers();
  }
}
