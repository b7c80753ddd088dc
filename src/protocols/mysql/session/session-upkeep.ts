import { quoteIdentifier } from '../account/sql-quote.js';
import { ignoringRefusal } from './own/own-exchange.js';
import { readTimeLimit } from '../account/time-limit.js';
import { outlasts, readSessionState, sessionStateOf, statementTimeLimit } from './own/own-statements.js';
import type { SessionEffect } from '../judge/judgement.js';
import { COM_RESET_CONNECTION } from '../wire/commands.js';
import type { Upkeep } from './machine/session-state.js';
import type { OwnCommands } from './own/own-commands.js';
import type { SessionContext } from './session-context.js';
import type { SessionWindow } from '../held/session-door.js';
import type { SessionOptions } from './session-options.js';

/**
 * What the gateway does for itself in a client's session, between the client's commands: its time limit, the state that
 * texts depend on, and entering the database again when privileges on it have changed.
 */
export class SessionUpkeep {
  readonly #options: SessionOptions;
  readonly #context: SessionContext;
  readonly #own: Pick<OwnCommands, 'run'>;
  #epoch: number;

  constructor(options: SessionOptions, context: SessionContext, own: Pick<OwnCommands, 'run'>) {
    this.#options = options;
    this.#context = context;
    this.#own = own;
    this.#epoch = options.epoch;
  }

  /** What must be done before a further command can be read. */
  get due(): 'catch-up' | undefined {
    return this.#context.isStale || this.mustEnterAnew ? 'catch-up' : undefined;
  }

  /** What the task account may do in the session's database has changed since the session entered it. */
  get mustEnterAnew(): boolean {
    return this.#epoch !== this.#options.door.epoch;
  }

  /** What must be done after a command of the client's, before the next one. */
  dueAfter(command: number, effect: SessionEffect | undefined): 'begin' | 'time-limit' | undefined {
    if (command === COM_RESET_CONNECTION) return 'begin';
    return effect?.setsTimeLimit === true ? 'time-limit' : undefined;
  }

  /** @throws OwnStatementRefused, and when the session is over */
  async keepUp(upkeep: Upkeep): Promise<void> {
    switch (upkeep) {
      case 'begin':
        return this.#begin();
      case 'catch-up':
        return this.#catchUp();
      case 'time-limit':
        return this.#boundTimeLimit();
      case 'roll-back':
        await this.#own.run('ROLLBACK');
    }
  }

  async #catchUp(): Promise<void> {
    if (this.#context.isStale) await this.#readState();
    if (this.mustEnterAnew) await this.enterAnew();
  }

  /** What is set and asked in a session that is new, or as good as new. */
  async #begin(): Promise<void> {
    await this.#setTimeLimit();
    this.#context.reset();
    await this.#readState();
  }

  /** The client has set the time limit of its statements: the smaller one of the two holds. */
  async #boundTimeLimit(): Promise<void> {
    const { dialect, capabilities } = this.#options;
    const { flavour } = dialect;
    const answer = await this.#own.run(readTimeLimit(flavour)).catch(ignoringRefusal);
    // One that not even this question was answered in is of no use.
    const isKept = answer !== undefined && !outlasts(answer, { flavour, capabilities, leftMs: this.#leftMs });
    if (!isKept) await this.#setTimeLimit();
  }

  async #setTimeLimit(): Promise<void> {
    await this.#own.run(statementTimeLimit(this.#options.dialect.flavour, this.#leftMs));
  }

  get #leftMs(): number {
    const { deadlineMs, clock } = this.#options;
    return deadlineMs - clock.nowMs();
  }

  /**
   * Enters the session's database again: what the task account may do there is what it was when the session entered.
   * @throws OwnStatementRefused when it may not, and the session would keep what was taken
   */
  async enterAnew(): Promise<void> {
    const { door } = this.#options;
    const window = await door.openToEnter(this.#context.scene.database);
    try {
      await this.#useDatabase();
      this.#epoch = door.epoch;
    } finally {
      await window.close();
    }
  }

  /** While a window is open for the session's own statement: so that it has what was given. */
  async enterFor(window: SessionWindow): Promise<void> {
    if (this.#isIn(window.databases)) await this.#useDatabase();
  }

  /** Closes the window of the session's own statement. @throws as {@link enterAnew} */
  async leave(window: SessionWindow): Promise<void> {
    if (!this.#isIn(window.databases)) return window.close();
    const { database } = this.#context.scene;
    let entered: Promise<void> | undefined;
    const enter = async (): Promise<void> => {
      entered = this.#useDatabase();
      await entered.catch(() => {}); // told below
    };
    await window.close({ database, enter });
    await entered;
  }

  /** Letter case does not part databases on every target; entering once more than needed does no harm. */
  #isIn(databases: readonly string[]): boolean {
    const own = this.#context.scene.database?.toLowerCase();
    return own !== undefined && databases.some((database) => database.toLowerCase() === own);
  }

  async #useDatabase(): Promise<void> {
    const { database } = this.#context.scene;
    if (database !== null) await this.#own.run(`USE ${quoteIdentifier(database)}`);
  }

  async #readState(): Promise<void> {
    const { dialect, capabilities } = this.#options;
    const response = await this.#own.run(readSessionState(dialect.flavour));
    this.#context.told(sessionStateOf(response, capabilities));
  }
}
