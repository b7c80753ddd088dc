import { databaseKey, type CatalogSnapshot, type CodeTouch } from '../../domain/catalog.js';
import { SYSTEM_DATABASES } from '../../domain/privilege.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { parseServerVersion } from '../../sql/dialect.js';
import type { AdminConnection } from '../admin-connection.js';
import { buildSnapshot, unusableSnapshot, type CatalogReading, type KnownCode } from './build-snapshot.js';
import { readDefaults, readForeignKeys, readImplicitColumns, readRows, type CatalogRows } from './read-rows.js';
import { triggersUnseenIn } from './trigger-sight.js';

export interface TargetCatalogOptions {
  readonly withAdmin: <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;
  /** Those of the grant's access; what their code leads to is read as well. */
  readonly databases: readonly string[];
  readonly clock: Clock;
  readonly refreshMsMax?: number;
}

/** One reading of the catalog that runs. */
interface Reading {
  readonly startedAtMs: number;
  readonly snapshot: Promise<CatalogSnapshot>;
  /** The target was changed while it ran. */
  isOutdated: boolean;
}

const REFRESH_MS_MAX = 10_000;
/** Readings that may be outdated before they are done, for one who asks. */
const TRIES_MAX = 10;
/** How often what was read may lead to further databases. */
const ROUNDS_MAX = 4;
const DATABASES_MAX = 64;

/**
 * The tables and the stored code of one target, as far as one grant can reach them, read through the broker's own
 * account. Snapshots are immutable; all who ask at the same time share one reading.
 */
export class TargetCatalog {
  readonly #options: TargetCatalogOptions;
  /** What texts touch, as found for the snapshot before. */
  #code: ReadonlyMap<string, CodeTouch> = new Map();
  #current: CatalogSnapshot | undefined;
  #reading: Reading | undefined;

  constructor(options: TargetCatalogOptions) {
    this.#options = options;
  }

  /** What was read last, however old; undefined before the first reading and after one that failed. */
  get current(): CatalogSnapshot | undefined {
    return this.#current;
  }

  /** What was read last, if that is at most so old. */
  fresh(maxAgeMs: number): CatalogSnapshot | undefined {
    const current = this.#current;
    return current !== undefined && current.takenAtMs >= this.#options.clock.nowMs() - maxAgeMs ? current : undefined;
  }

  /**
   * A snapshot that is at most so old, by the time its reading began.
   * @throws BrokerError when the target does not answer, or not in time: then nothing is known, and nothing assumed
   */
  async snapshot(maxAgeMs: number): Promise<CatalogSnapshot> {
    const oldestMs = this.#options.clock.nowMs() - maxAgeMs;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      if (this.#current !== undefined && this.#current.takenAtMs >= oldestMs) return this.#current;
      const running = this.#reading;
      if (running !== undefined && (running.isOutdated || running.startedAtMs < oldestMs)) {
        await running.snapshot.catch(() => {}); // whoever asked for that one hears of it
        continue;
      }
      const reading = running ?? this.#begin();
      const snapshot = await reading.snapshot;
      if (!reading.isOutdated) return snapshot;
    }
    throw new BrokerError('target_unreachable', { detail: 'Its catalog changes faster than it can be read.' });
  }

  /** What was read until now is not used any more, nor what is being read: the target has been changed. */
  outdate(): void {
    this.#current = undefined;
    if (this.#reading !== undefined) this.#reading.isOutdated = true;
  }

  #begin(): Reading {
    const startedAtMs = this.#options.clock.nowMs();
    const snapshot = this.#read(startedAtMs).finally(() => {
      this.#reading = undefined;
    });
    const reading: Reading = { startedAtMs, isOutdated: false, snapshot };
    this.#reading = reading;
    return reading;
  }

  async #read(startedAtMs: number): Promise<CatalogSnapshot> {
    try {
      const snapshot = await this.#options.withAdmin((admin) => this.#inTime(admin, startedAtMs));
      if (this.#reading?.isOutdated === false) this.#current = snapshot;
      return snapshot;
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }

  async #inTime(admin: AdminConnection, startedAtMs: number): Promise<CatalogSnapshot> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      admin.close(); // whatever waits for it is told so
    }, this.#options.refreshMsMax ?? REFRESH_MS_MAX);
    try {
      return await this.#readWith(admin, startedAtMs);
    } catch (error) {
      if (!isLate) throw error;
      throw new BrokerError('target_unreachable', { detail: 'Its catalog was not read in time.', cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #readWith(admin: AdminConnection, takenAtMs: number): Promise<CatalogSnapshot> {
    const [settings] = await admin.rows('SELECT @@lower_case_table_names');
    const foldsCase = settings?.[0] !== '0';
    const databases: string[] = [];
    const rows: CatalogRows[] = [];
    const known: KnownCode = { before: this.#code, used: new Map() };
    const start = { takenAtMs, foldsCase, flavour: admin.flavour, serverVersion: versionOf(admin), databases };
    const foreignKeys = await readForeignKeys(admin);
    if (foreignKeys === undefined) return unusableSnapshot(start, 'the target has too many foreign keys to look at');
    const reading = (): CatalogReading => ({
      ...start,
      rows,
      foreignKeys: foreignKeys.filter(({ parent }) => isAmong(databases, parent[0], foldsCase)),
      implicitColumns: [],
      defaults: [],
      triggersUnseen: new Map(),
    });
    let next: readonly string[] = [...new Set(this.#options.databases)];
    for (let round = 0; next.length > 0; round += 1) {
      databases.push(...next);
      if (round === ROUNDS_MAX || databases.length > DATABASES_MAX) {
        return unusableSnapshot(start, 'the databases of this grant lead to too many others to look at');
      }
      const read = await readRows(admin, next);
      if ('tooLarge' in read) return unusableSnapshot(start, read.tooLarge);
      rows.push(read);
      next = furtherDatabases(buildSnapshot(reading(), known));
    }
    const whole = reading();
    const updating = whole.foreignKeys.some(({ rules }) => rules >> 2 !== 0);
    const snapshot = buildSnapshot(
      {
        ...whole,
        implicitColumns: updating ? await readImplicitColumns(admin, databases) : [],
        defaults: await readDefaults(admin, databases),
        triggersUnseen: await triggersUnseenIn(admin, databases),
      },
      known,
    );
    this.#code = known.used;
    return snapshot;
  }
}

function versionOf(admin: AdminConnection): number {
  return parseServerVersion(admin.greeting.serverVersion);
}

/** The databases that stored code and foreign keys lead to, and that the snapshot does not cover. */
function furtherDatabases(snapshot: CatalogSnapshot): readonly string[] {
  const code = [
    ...snapshot.views.values(),
    ...[...snapshot.triggers.values()].flat(),
    ...snapshot.routines.values(),
  ].flatMap(({ touches }) => [...touches.tables, ...touches.routines]);
  const children = [...snapshot.foreignKeys.values()].flat().map(({ child }) => child);
  const named = new Set([...code, ...children].flatMap(({ database }) => (database === null ? [] : [database])));
  return [...named].filter(
    (name) => !isAmong(snapshot.databases, name, snapshot.foldsCase) && !SYSTEM_DATABASES.has(name.toLowerCase()),
  );
}

function isAmong(databases: readonly string[], name: string, foldsCase: boolean): boolean {
  const folded = databaseKey({ foldsCase }, name);
  return databases.some((database) => databaseKey({ foldsCase }, database) === folded);
}
