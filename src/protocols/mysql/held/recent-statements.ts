import type { AskedContext } from '../../../domain/asked-context.js';
import type { Verdict } from '../../../domain/verdict.js';
import type { ResultEntry } from '../../../recording/entries/entries.js';
import type { SqlDialect } from '../sql/text/dialect.js';
import { oneLine } from '../sql/text/one-line.js';

/** As many as people are shown, and some that came after the one that they are asked about. */
const KEPT = 16;
const SHOWN_MAX = 5;
/** A longer text is not kept for this. */
const TEXT_CHARACTERS_MAX = 16_384;

interface Recent {
  readonly session: number;
  readonly operation: number;
  readonly atMs: number;
  readonly kind: string;
  readonly verdict: Verdict;
  /** Undefined for one that is too long, or could not be read. */
  readonly text: string | undefined;
  readonly dialect: SqlDialect;
  outcome: ResultEntry['outcome'] | null;
}

/** The last statements of a grant, in all of its sessions: what people see of the task when they are asked about one. */
export class RecentStatements {
  readonly #slots: (Recent | undefined)[] = Array.from({ length: KEPT }, () => undefined);
  #next = 0;

  began({ text, ...of }: Omit<Recent, 'outcome'>): void {
    const kept = text !== undefined && text.length > TEXT_CHARACTERS_MAX ? undefined : text;
    this.#slots[this.#next] = { ...of, text: kept, outcome: null };
    this.#next = (this.#next + 1) % KEPT;
  }

  ended(operation: number, outcome: ResultEntry['outcome']): void {
    const found = this.#slots.find((slot) => slot?.operation === operation);
    if (found !== undefined) found.outcome = outcome;
  }

  /** The last ones before an operation, the oldest first. */
  before(operation: number): AskedContext['operations'] {
    const found = this.#slots.flatMap((slot) => (slot !== undefined && slot.operation < operation ? [slot] : []));
    found.sort((first, second) => first.operation - second.operation);
    return found.slice(-SHOWN_MAX).map(({ text, dialect, ...shown }) => ({
      ...shown,
      line: text === undefined ? null : oneLine(text, dialect),
    }));
  }
}
