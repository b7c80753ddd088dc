import type { Access } from '../../sql/access.js';
import { TABLE_PRIVILEGES, type NeededPrivilege } from '../../sql/privilege.js';
import type { Holding } from '../../sql/privileges/holdings.js';
import type { StatementDoor } from '../../sql/privileges/no-door.js';
import type { PrivilegeWindow } from '../../sql/privileges/privilege-door.js';
import type { TurnUser } from '../../sql/privileges/turns.js';
import type { Judgement } from '../judge/judgement.js';

/** Privileges that a session has for one statement, or while it enters a database. */
export interface SessionWindow {
  /** What was really given, as GRANT spells it. */
  readonly given: readonly string[];
  /**
   * Databases on which privileges were given as a whole. A server reads these when a session enters a database and keeps
   * them until it enters one again: the session must enter its database again (`USE`) before the statement and after
   * close(), or it neither has them nor loses them.
   */
  readonly databases: readonly string[];
  /**
   * Takes them away again, then lets the session enter its database again before anything else is given. Resolves when
   * they are gone, or the grant was told to end because they could not be taken. Never rejects; safe to call again.
   */
  close(entering?: Entering): Promise<void>;
}

/** A session enters its database again. */
export interface Entering {
  readonly database: string | null;
  /** Must not reject. */
  readonly enter: () => Promise<void>;
}

/**
 * The second lock of a grant as its sessions see it. MySQL and MariaDB read what an account may do on a whole database
 * when a session enters it, and keep that until it enters one again: this knows when a session must, and lets it in.
 */
export class SessionDoor {
  readonly #door: StatementDoor;
  readonly #anyTableOf: (database: string) => Promise<string | undefined>;
  #epoch = 0;

  /** `anyTableOf` names a table of a database; undefined when it has none. */
  constructor(door: StatementDoor, anyTableOf: (database: string) => Promise<string | undefined>) {
    this.#door = door;
    this.#anyTableOf = anyTableOf;
  }

  /** Changes whenever sessions must enter their database again, because of {@link stand}. */
  get epoch(): number {
    return this.#epoch;
  }

  /** A window is open or waited for: what would start now must wait with open([]). */
  get isOpen(): boolean {
    return this.#door.isOpen;
  }

  /** The statements that have a turn now. */
  get holders(): readonly TurnUser[] {
    return this.#door.holders;
  }

  /** True when a statement that is allowed and has all its privileges must wait all the same. */
  mustWait({ facts, effect }: Pick<Judgement, 'facts' | 'effect'>): boolean {
    if (effect?.database !== undefined) return true;
    // Transaction control needs no privilege, and what holds locks must be able to let go of them.
    return this.isOpen && facts.action !== 'session';
  }

  /** A window for one statement. @throws as the door does, then nothing is given */
  async open(needs: readonly NeededPrivilege[], signal?: AbortSignal, user?: TurnUser): Promise<SessionWindow> {
    return this.#entered(await this.#door.open(needs, signal, user));
  }

  /**
   * A window for what enters a database, a login or `USE`, with no other one open: a session keeps what it had on its
   * database at that moment. A server lets nobody into a database who has nothing there, so where nothing stands one
   * privilege on one of its tables is lent meanwhile.
   * @throws as open()
   */
  async openToEnter(database: string | null, signal?: AbortSignal, user?: TurnUser): Promise<SessionWindow> {
    return this.open(await this.#toEnter(database), signal, user);
  }

  /**
   * Changes what stands. Gives the databases on which something was given or taken as a whole: sessions must enter
   * theirs again, as with a window. @throws what the target answers; then the grant was told to end
   */
  async stand(standing: readonly Access[], signal?: AbortSignal): Promise<readonly string[]> {
    let databases: readonly string[] = [];
    const onChange = (changed: readonly Holding[]): void => {
      databases = databasesIn(changed);
      if (databases.length > 0) this.#epoch += 1;
    };
    await this.#door.stand(standing, onChange, signal);
    return databases;
  }

  #entered(window: PrivilegeWindow): SessionWindow {
    const closeAndEnter = ({ database, enter }: Entering): Promise<void> =>
      window.close(async (lend) => {
        const lent = await this.#toEnter(database)
          .then(lend)
          .catch(() => undefined); // then the target refuses to let it in
        try {
          await enter();
        } finally {
          await lent?.close();
        }
      });
    return {
      given: window.given,
      databases: databasesIn(window.holdings),
      close: (entering) => (entering === undefined ? window.close() : closeAndEnter(entering)),
    };
  }

  /** Nothing where something stands, and where nothing can be lent: then the target refuses. */
  async #toEnter(database: string | null): Promise<readonly NeededPrivilege[]> {
    const { standing, ceiling } = this.#door;
    const isHere = (rule: Access): boolean => rule.database === database && rule.privileges.length > 0;
    if (database === null || standing.some(isHere)) return [];
    for (const { tables, privileges } of ceiling.filter(isHere)) {
      const privilege = privileges.find((one) => TABLE_PRIVILEGES.has(one));
      const table = tables === undefined ? await this.#anyTableOf(database) : tables[0];
      if (privilege !== undefined && table !== undefined) return [{ on: 'table', privilege, database, table }];
    }
    return [];
  }
}

function databasesIn(holdings: readonly Holding[]): readonly string[] {
  return [...new Set(holdings.flatMap(({ on, database }) => (on === 'database' ? [database] : [])))];
}
