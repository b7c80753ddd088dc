import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '../../kernel/clock.js';
import { RecordedStatementRepository } from '../../persistence/statements/recorded-statement.repository.js';
import { CLOCK } from '../modules/tokens.js';

const WEEK_MS = 7 * 86_400_000;
/** A count is as old as this at most: many statements take a second to count. */
const KEPT_MS = 60_000;

type Counts = ReadonlyMap<string, number> | undefined;

/** How many recorded statements of the last week each policy has decided. */
@Injectable()
export class DecidedStatements {
  #counted: { readonly atMs: number; readonly counts: Promise<Counts> } | undefined;

  constructor(
    private readonly statements: RecordedStatementRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** By the name of a policy; null for all where there are too many to count. */
  async lastWeek(): Promise<(policy: string) => number | null> {
    const counts = await this.#counts();
    return (policy) => (counts === undefined ? null : (counts.get(policy) ?? 0));
  }

  async #counts(): Promise<Counts> {
    const nowMs = this.clock.nowMs();
    if (this.#counted === undefined || nowMs - this.#counted.atMs > KEPT_MS) {
      this.#counted = { atMs: nowMs, counts: this.statements.decidedSince(nowMs - WEEK_MS) };
    }
    const { counts } = this.#counted;
    try {
      return await counts;
    } catch (error) {
      this.#counted = undefined;
      throw error;
    }
  }
}
