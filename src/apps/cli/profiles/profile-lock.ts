import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { UsageFailure } from '../terminal/conventions.js';

const LOCK_MS_MAX = 3_000;
const LOCK_PAUSE_MS = 25;
const SQLITE_BUSY = 5;

/**
 * A lock between processes that the system drops when its holder ends, however it ends: that of SQLite on a database that
 * stays empty. So none is left behind, and nobody has to find out whether its holder still runs. The file stays, since one
 * that removed it could remove another's lock.
 */
export class ProfileLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Waits its turn. @throws UsageFailure when another command keeps it for three seconds */
  static async take(path: string): Promise<ProfileLock> {
    await makeFile(path);
    for (const untilMs = performance.now() + LOCK_MS_MAX; ; await pause(LOCK_PAUSE_MS)) {
      const lock = ProfileLock.#takeNow(path);
      if (lock !== undefined) return lock;
      if (performance.now() >= untilMs) {
        throw new UsageFailure(
          `Another command changes the profiles (${path}), or its file system has no locks. Try again once it has ended.`,
        );
      }
    }
  }

  static #takeNow(path: string): ProfileLock | undefined {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE'); // no journal: nothing is ever written
      return new ProfileLock(database);
    } catch (error) {
      database.close();
      if (Reflect.get(Object(error), 'errcode') === SQLITE_BUSY) return undefined;
      throw new UsageFailure(`${path} cannot be locked. Move it away, then try again.`, { cause: error });
    }
  }

  release(): void {
    this.#database.close();
  }
}

/**
 * For this user alone, and only where nothing is there: to close a file that is there would drop this process's own lock on it, and
 * no link is followed.
 */
async function makeFile(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'EEXIST') throw error;
  }
}
