import type { CatalogSnapshot } from '../../sql/catalog.js';
import type { Clock } from '../../../kernel/clock.js';
import { CatalogWatch } from '../../sql/catalog/catalog-watch.js';
import type { TargetCatalog } from './target-catalog.js';

/** Who follows a catalog, once its grant is open. */
export interface CatalogFollower {
  /** Told after each reading of the watch what the target has now; UNREAD when it could not be read. */
  readonly onVersion: (version: string) => void;
  /** Told that another grant may have changed the target: what was judged by its catalog holds no longer. */
  readonly onOutdated: () => void;
  /** Whether it has needed the catalog since this was called last. */
  readonly takeWasAsked: () => boolean;
}

/** The least time between two changes that others are told of at once; a reading is a tenth of it at most. */
const TELL_MS_MIN = 1_000;
const TELL_PER_READING = 10;

/**
 * One catalog of a target with all grants that see it alike. What one of them changes it sees at once, and the others do
 * too; only where one change comes soon after another they are told a moment later, so that a grant that changes tables
 * without end does not make all others wait for readings.
 */
export class SharedCatalog {
  readonly catalog: TargetCatalog;
  readonly #clock: Clock;
  readonly #watch: CatalogWatch;
  readonly #grants = new Set<GrantCatalog>();
  #isWatched = false;
  #toldUs = -Infinity;
  #telling: NodeJS.Timeout | undefined;

  constructor(catalog: TargetCatalog, clock: Clock) {
    this.catalog = catalog;
    this.#clock = clock;
    this.#watch = new CatalogWatch({
      catalog,
      clock,
      isWanted: () => this.#takeWasAsked(),
      onVersion: (version) => {
        for (const grant of this.#grants) grant.follower?.onVersion(version);
      },
    });
  }

  get isUsed(): boolean {
    return this.#grants.size > 0;
  }

  join(grant: GrantCatalog): void {
    this.#grants.add(grant);
  }

  leave(grant: GrantCatalog): void {
    this.#grants.delete(grant);
  }

  /** Somebody follows it from now on. */
  watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#watch.start();
  }

  /** The target may have been changed; by one of its grants, or by one that sees it in another way. */
  changed(by: GrantCatalog | undefined): void {
    const change = this.catalog.changed();
    if (by !== undefined) by.ownChange = change;
    const isAlone = by !== undefined && this.#grants.size === 1;
    if (isAlone) return; // a grant that comes later asks for a catalog that was read after every change
    const restMs = Math.max(TELL_MS_MIN, this.catalog.readMs * TELL_PER_READING);
    const leftMs = restMs - (this.#clock.monotonicUs() - this.#toldUs) / 1000;
    if (leftMs <= 0) return this.#tell();
    this.#telling ??= setTimeout(() => this.#tell(), leftMs).unref();
  }

  /** Resolves when nothing reads it by itself any more. */
  async close(): Promise<void> {
    clearTimeout(this.#telling);
    await this.#watch.close();
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#toldUs = this.#clock.monotonicUs();
    this.catalog.outdate();
    const { lastChange } = this.catalog;
    for (const grant of this.#grants) if (grant.ownChange < lastChange) grant.follower?.onOutdated();
  }

  #takeWasAsked(): boolean {
    let wasAsked = false;
    for (const grant of this.#grants) {
      if (grant.follower?.takeWasAsked() === true) wasAsked = true; // of each: what was taken is gone
    }
    return wasAsked;
  }
}

/** A target's catalog as one grant uses it. */
export class GrantCatalog {
  /** The last change that the grant itself made; nothing that was read before it is good enough. */
  ownChange = 0;
  /** Undefined until the grant is open. */
  follower: CatalogFollower | undefined;
  readonly #shared: SharedCatalog;
  readonly #onChange: () => void;
  readonly #onClose: () => Promise<void>;

  constructor(shared: SharedCatalog, on: { readonly change: () => void; readonly close: () => Promise<void> }) {
    this.#shared = shared;
    this.#onChange = on.change;
    this.#onClose = on.close;
  }

  /** As {@link TargetCatalog.fresh}. */
  fresh(maxAgeMs: number): CatalogSnapshot | undefined {
    return this.#shared.catalog.fresh(maxAgeMs, this.ownChange);
  }

  /** As {@link TargetCatalog.snapshot}. */
  snapshot(maxAgeMs: number): Promise<CatalogSnapshot> {
    return this.#shared.catalog.snapshot(maxAgeMs, () => this.ownChange);
  }

  /** As {@link TargetCatalog.present}. */
  present(maxAgeMs: number): Promise<CatalogSnapshot> {
    return this.#shared.catalog.present(maxAgeMs);
  }

  /** A statement of the grant was answered that may have changed the target. */
  outdate(): void {
    this.#onChange();
  }

  /** Has the follower told of what changes, from now on. */
  follow(follower: CatalogFollower): void {
    this.follower = follower;
    this.#shared.watch();
  }

  /** The grant needs it no more. Resolves when nothing of it works at the target. Safe to call again. */
  close(): Promise<void> {
    this.follower = undefined;
    return this.#onClose();
  }
}
