import type { Clock } from '../../kernel/clock.js';
import type {
  ExportedStatement,
  StatementDaysRepository,
  StatementPlace,
} from '../../persistence/statements/statement-days.repository.js';
import type { DayFiles, DayNote } from './day-files.js';
import { COLUMNS_VERSION } from './statement-columns.js';

const DAY_MS = 86_400_000;
/** Statements are indexed some seconds after they ran. */
const SETTLE_MS = 5 * 60_000;
/** A task that began on one day may run statements on the next; a clock may be wrong besides. */
const DAYS_OF_A_TASK = 2;
const ROWS_AT_ONCE = 2_000;

export interface ExporterLog {
  info(facts: object, message: string): void;
}

export interface ExporterParts {
  readonly days: StatementDaysRepository;
  readonly files: DayFiles;
  readonly clock: Clock;
  readonly log: ExporterLog;
}

/** The process ends; what was begun is given up. */
class ExportStopped extends Error {}

/** Writes the index of statements to one Parquet file for each finished day of UTC. */
export class StatementExporter {
  readonly #parts: ExporterParts;
  /** Days that had no statements when they had this stamp. */
  readonly #empty = new Map<string, string>();
  #isStopped = false;

  constructor(parts: ExporterParts) {
    this.#parts = parts;
  }

  /** Writes every finished day that has no file, or whose recordings have changed since it was written. */
  async look(): Promise<void> {
    try {
      for (const [day, stamp] of await this.#stamps()) await this.#bring(day, stamp);
    } catch (error) {
      if (!(error instanceof ExportStopped)) throw error;
    }
  }

  /** Gives up the day that is being written; the one that was there stays. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Writes a day, whether it has changed or not. */
  async exportDay(day: string, stamp?: string): Promise<DayNote> {
    const { files } = this.#parts;
    // Before the statements are read: what changes meanwhile has the day written again.
    const before = stamp ?? (await this.#stamps()).get(day) ?? '';
    return files.write(day, before, this.#statements(Date.parse(`${day}T00:00:00Z`)));
  }

  async #bring(day: string, stamp: string): Promise<void> {
    const { files, log } = this.#parts;
    if (this.#empty.get(day) === stamp || (await files.note(day))?.stamp === stamp) return;
    const { statements, bytes } = await this.exportDay(day, stamp);
    if (statements === 0) this.#empty.set(day, stamp);
    else log.info({ day, statements, bytes }, 'the statements of a day were exported');
  }

  /** Of each finished day on which statements may have run. */
  async #stamps(): Promise<ReadonlyMap<string, string>> {
    const { days, clock } = this.#parts;
    const opened = await days.stamps();
    const candidates = new Set([...opened.keys()].flatMap((dayMs) => daysAfter(dayMs)));
    const finishedMs = clock.nowMs() - SETTLE_MS - DAY_MS;
    const finished = [...candidates].filter((dayMs) => dayMs <= finishedMs).sort((a, b) => a - b);
    return new Map(
      finished.map((dayMs) => {
        const parts = daysBefore(dayMs).map((each) => opened.get(each) ?? '');
        return [new Date(dayMs).toISOString().slice(0, 10), [COLUMNS_VERSION, ...parts].join('/')];
      }),
    );
  }

  async *#statements(dayMs: number): AsyncGenerator<readonly ExportedStatement[]> {
    let after: StatementPlace | undefined;
    for (;;) {
      if (this.#isStopped) throw new ExportStopped();
      const part = await this.#parts.days.statements(dayMs, after, ROWS_AT_ONCE);
      if (part.length > 0) yield part;
      if (part.length < ROWS_AT_ONCE) return;
      after = part.at(-1);
    }
  }
}

/** The days on which statements of tasks that began on this one may have run. */
function daysAfter(dayMs: number): readonly number[] {
  return Array.from({ length: DAYS_OF_A_TASK + 1 }, (_, days) => dayMs + days * DAY_MS);
}

function daysBefore(dayMs: number): readonly number[] {
  return Array.from({ length: DAYS_OF_A_TASK + 1 }, (_, days) => dayMs - days * DAY_MS);
}
