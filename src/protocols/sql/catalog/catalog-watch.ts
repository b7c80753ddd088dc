import type { Clock } from '../../../kernel/clock.js';
import type { CatalogSnapshot } from '../catalog.js';

export interface CatalogWatchOptions {
  readonly catalog: { snapshot(ageMsMax: number): Promise<Pick<CatalogSnapshot, 'version'>> };
  /** Told after each reading what the target has now; {@link UNREAD} when it could not be read. */
  readonly onVersion: (version: string) => void;
  /** Whether the next reading is worth it; while nothing is judged nobody needs it. */
  readonly isWanted: () => boolean;
  readonly clock: Clock;
  readonly restMsMin?: number;
}

/** Stands for a version where none is known: no snapshot has it. */
export const UNREAD = 'unread';

const REST_MS_MIN = 5_000;
/** A catalog that takes long is read less often: the target is busy with it for this part of the time at most. */
const REST_PER_READING = 10;

/**
 * Reads the catalog of a target again and again, so that what was judged by an older one is forgotten even while
 * nothing new is judged. Whatever somebody else changes on the target counts after one rest and one reading at most.
 */
export class CatalogWatch {
  readonly #options: CatalogWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: CatalogWatchOptions) {
    this.#options = options;
  }

  /** Begins with a rest: its starter has just read. */
  start(): void {
    if (!this.#isClosed) this.#rest(this.#options.restMsMin ?? REST_MS_MIN);
  }

  /** Resolves when no reading runs any more; one that runs has its own limit of time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { catalog, onVersion, isWanted, clock, restMsMin = REST_MS_MIN } = this.#options;
    if (!isWanted()) return this.#rest(restMsMin);
    const startedUs = clock.monotonicUs();
    const version = await catalog.snapshot(0).then(
      (snapshot) => snapshot.version,
      () => UNREAD, // the one who judges asks again and hears why
    );
    if (this.#isClosed) return;
    onVersion(version);
    const tookMs = (clock.monotonicUs() - startedUs) / 1000;
    this.#rest(Math.max(restMsMin, tookMs * REST_PER_READING));
  }

  #rest(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#reading = this.#read();
    }, ms);
    this.#timer.unref();
  }
}
