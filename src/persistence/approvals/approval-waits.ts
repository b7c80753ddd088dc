import type { ApprovalReport } from '../../gateway/ports.js';
import type { ApprovalId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';

/** How often the database is asked for everything that is waited for, should a message be lost. */
const ASK_EVERY_MS = 500;
/** How long after its time an approval is waited for when the database does not say how it ended. */
const GRACE_MS = 2_000;
/** How long the first answer of the database is waited for: before it nothing is known of the approval's time. */
const FIRST_ANSWER_MS = 10_000;
/** Ids in one query. */
const IDS_MAX = 500;

export interface WaitsOptions {
  /**
   * Where these approvals stand, and by how much their time is still to come on the database's clock; one that is not
   * there is left out.
   */
  readonly look: (ids: readonly ApprovalId[]) => Promise<readonly WaitedReport[]>;
  readonly clock: Clock;
}

export interface WaitedReport {
  readonly report: ApprovalReport;
  readonly leftMs: number;
}

interface Wait {
  readonly ended: PromiseWithResolvers<ApprovalReport>;
  /** On the monotonic clock. */
  giveUpMs: number;
}

/**
 * Those that wait for approvals in this process, all asked for with one query at a time: at once when they begin to wait
 * or a message says so, and twice a second. The database has the last word; while it is away they wait on until their
 * time is over, and then fail.
 */
export class ApprovalWaits {
  readonly #options: WaitsOptions;
  readonly #waits = new Map<ApprovalId, Set<Wait>>();
  readonly #due = new Set<ApprovalId>();
  #looking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WaitsOptions) {
    this.#options = options;
  }

  /** Resolves when the approval is no longer pending; rejects with the signal's reason. */
  async settled(id: ApprovalId, signal: AbortSignal): Promise<ApprovalReport> {
    signal.throwIfAborted();
    const wait: Wait = { ended: Promise.withResolvers(), giveUpMs: this.#nowMs() + FIRST_ANSWER_MS };
    const abort = (): void => wait.ended.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#waits.set(id, (this.#waits.get(id) ?? new Set()).add(wait));
    this.#timer ??= setInterval(() => this.wakeAll(), ASK_EVERY_MS);
    this.wake(id);
    try {
      return await wait.ended.promise;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#forget(id, wait);
    }
  }

  /** Something is said to have changed: look at once. An id that nobody waits for is nothing. */
  wake(id: string): void {
    for (const known of this.#waits.keys()) {
      if (known !== id) continue;
      this.#due.add(known);
      this.#lookSoon();
      return;
    }
  }

  wakeAll(): void {
    for (const id of this.#waits.keys()) this.#due.add(id);
    this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#looking || this.#due.size === 0) return;
    this.#looking = true;
    void this.#lookAll().finally(() => {
      this.#looking = false;
      this.#lookSoon(); // what was woken during the very last step
    });
  }

  async #lookAll(): Promise<void> {
    while (this.#due.size > 0) {
      const ids = [...this.#due].slice(0, IDS_MAX);
      for (const id of ids) this.#due.delete(id);
      try {
        const looks = await this.#options.look(ids);
        this.#tell(ids, looks);
      } catch (error) {
        this.#giveUpOverdue(ids, error);
      }
    }
  }

  #tell(ids: readonly ApprovalId[], looks: readonly WaitedReport[]): void {
    const found = new Map(looks.map((look) => [look.report.id, look]));
    for (const id of ids) {
      const look = found.get(id);
      for (const wait of this.#waits.get(id) ?? []) {
        if (look === undefined) wait.ended.reject(new BrokerError('approval_not_found'));
        else if (look.report.state !== 'pending') wait.ended.resolve(look.report);
        else wait.giveUpMs = this.#nowMs() + Math.max(0, look.leftMs) + GRACE_MS;
      }
    }
  }

  /** Nobody may take silence for an answer: a caller that cannot learn it in time is told that. */
  #giveUpOverdue(ids: readonly ApprovalId[], cause: unknown): void {
    const nowMs = this.#nowMs();
    for (const id of ids) {
      for (const { ended, giveUpMs } of this.#waits.get(id) ?? []) {
        if (giveUpMs <= nowMs) ended.reject(new BrokerError('state_unavailable', { cause }));
      }
    }
  }

  #forget(id: ApprovalId, wait: Wait): void {
    const waits = this.#waits.get(id);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waits.delete(id);
    if (this.#waits.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #nowMs(): number {
    return this.#options.clock.monotonicUs() / 1000;
  }
}
