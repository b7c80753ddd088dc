import type { ApprovalSummaryView } from '../../../contracts/approvals/approval.js';

/** Why asking about an approval ends: it was settled elsewhere, it is no longer as it was shown, or nothing is asked here any more. */
export const SETTLED = new Error('It no longer needs a decision.');
export const CHANGED = new Error('It has changed; this is how it stands now.');
export const ENDED = new Error('You are asked nothing more here.');

type Seen = Pick<ApprovalSummaryView, 'id' | 'revision' | 'canDecide'>;

/** What waits for the person at the terminal, in the order it came. */
export class ApprovalInbox {
  readonly #waiting = new Map<string, Seen>();
  readonly #put = new Set<string>();
  #bell = Promise.withResolvers<void>();
  #shown: { readonly seen: Seen; readonly over: AbortController } | undefined;
  #closed = false;

  /** Takes a change in; one that can no longer be decided here, or is newer than what is shown, ends the asking about it. */
  take(approval: Seen): void {
    const { id, canDecide } = approval;
    if (canDecide.allowed) {
      if (!this.#put.has(id)) this.#waiting.set(id, approval);
    } else {
      this.#waiting.delete(id);
    }
    if (this.#shown?.seen.id === id) endIfOver(this.#shown.over, this.#shown.seen, approval);
    this.#ring();
  }

  /** All that waits, after the news of a while were missed: what is not among it was settled meanwhile. */
  takeAll(approvals: readonly Seen[]): void {
    const ids = new Set(approvals.map(({ id }) => id));
    for (const id of this.#waiting.keys()) if (!ids.has(id)) this.#waiting.delete(id);
    if (this.#shown !== undefined && !ids.has(this.#shown.seen.id)) this.#shown.over.abort(SETTLED);
    for (const approval of approvals) this.take(approval);
  }

  /** The next one to decide; undefined when there will be none. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      const [id] = this.#waiting.keys();
      if (id !== undefined) return id;
      await this.#bell.promise;
    }
  }

  /** The approval is shown as it is now; the signal says that it is no longer so. */
  show(seen: Seen): AbortSignal {
    const over = new AbortController();
    const news = this.#waiting.get(seen.id);
    if (this.#closed) over.abort(ENDED);
    else if (news !== undefined) endIfOver(over, seen, news);
    this.#shown = { seen, over };
    return over.signal;
  }

  /** The person is done with it, one way or the other: it is not shown again. */
  put(id: string): void {
    this.#waiting.delete(id);
    this.#put.add(id);
    this.#shown = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#shown?.over.abort(ENDED);
    this.#ring();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  #ring(): void {
    this.#bell.resolve();
    this.#bell = Promise.withResolvers();
  }
}

function endIfOver(over: AbortController, shown: Seen, now: Seen): void {
  if (!now.canDecide.allowed) over.abort(SETTLED);
  else if (now.revision > shown.revision) over.abort(CHANGED);
}
