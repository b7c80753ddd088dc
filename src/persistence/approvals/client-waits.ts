import type { DataSource } from 'typeorm';
import type { ApprovalState } from '../../domain/approval.js';
import type { ApprovalId } from '../../kernel/brand.js';
import { retried } from '../../kernel/retry.js';
import { CHANGED } from './approval-move.js';
import { approvalEntity } from '../entities/approvals/approval.js';
import { againIfItGaveWay } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** Of a state database that is away, and of the one who looks with it; nobody else knows that a client went. */
const TRY_AGAIN_MS = { first: 1_000, max: 10_000 };
/** A day. */
const TRIES_MAX = 8_640;

export interface ClientWaitsOptions {
  readonly dataSource: DataSource;
  readonly announce: (id: ApprovalId, state: ApprovalState) => void;
}

/**
 * Notes with each question whether a client waits for it, so that people know whether what they approve runs at once.
 * Several sessions of one grant may wait for the same question; all of them are in this process.
 */
export class ClientWaits {
  readonly #options: ClientWaitsOptions;
  readonly #waiting = new Map<ApprovalId, number>();
  readonly #noting = new Set<ApprovalId>();

  constructor(options: ClientWaitsOptions) {
    this.#options = options;
  }

  /** Waits, and lets the question say so meanwhile. What ends without an answer is a client that went. */
  async during<T>(id: ApprovalId, wait: () => Promise<T>): Promise<T> {
    this.#waiting.set(id, this.#of(id) + 1);
    void this.#note(id);
    let isAnswered = false;
    try {
      const answer = await wait();
      isAnswered = true;
      return answer;
    } finally {
      const left = this.#of(id) - 1;
      if (left > 0) this.#waiting.set(id, left);
      else this.#waiting.delete(id);
      if (!isAnswered) void this.#note(id);
    }
  }

  #of(id: ApprovalId): number {
    return this.#waiting.get(id) ?? 0;
  }

  /** One at a time for each question, until what is noted is what holds. Never rejects. */
  async #note(id: ApprovalId): Promise<void> {
    if (this.#noting.has(id)) return;
    this.#noting.add(id);
    try {
      let noted: boolean;
      do {
        noted = await retried(() => this.#write(id), {
          pauseMs: TRY_AGAIN_MS,
          // A process that ends gives up its lease, and what it has noted with it.
          isWorthIt: (_, { tries }) => this.#options.dataSource.isInitialized && tries < TRIES_MAX,
          keepsProcess: false,
        });
      } while (noted !== this.#of(id) > 0);
    } catch {
      // By now the question is over.
    } finally {
      this.#noting.delete(id);
    }
  }

  async #write(id: ApprovalId): Promise<boolean> {
    const clientWaits = this.#of(id) > 0;
    const changed = await againIfItGaveWay(() =>
      updateRows(this.#options.dataSource, approvalEntity, {
        set: { ...CHANGED, clientWaits },
        where: "id = :id AND state = 'pending' AND NOT (client_waits <=> :clientWaits)",
        parameters: { id, clientWaits },
      }),
    );
    if (changed > 0) this.#options.announce(id, 'pending');
    return clientWaits;
  }
}
