import { quoteIdentifier } from '../account/sql-quote.js';
import { ignoringRefusal } from './own-exchange.js';
import { readTimeLimit } from '../account/time-limit.js';
import { outlasts, readSessionState, sessionStateOf, statementTimeLimit } from './own-statements.js';
import type { SessionEffect } from '../judge/judgement.js';
import { COM_RESET_CONNECTION } from '../wire/commands.js';
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
  readonly #run: (statement: string) => Promise<Buffer>;
  #epoch: number;

  /** `run` runs a statement of the gateway's own. @throws OwnStatementRefused, and when the session is over */
  constructor(options: SessionOptions, context: SessionContext, run: (statement: string) => Promise<Buffer>) {
    this.#options = options;
    this.#context = context;
    this.#run = run;
    this.#epoch = options.epoch;
  }

  /** No further command can be read before {@link catchUp}. */
  get isDue(): boolean {
    return this.#context.isStale || this.mustEnterAnew;
  }

  /** What the task account may do in the session's database has changed since the session entered it. */
  get mustEnterAnew(): boolean {
    return this.#epoch !== this.#options.door.epoch;
  }

  async catchUp(): Promise<void> {
    if (this.#context.isStale) await this.#readState();
    if (this.mustEnterAnew) await this.enterAnew();
  }

  /** What is set and asked in a session that is new, or as good as new. */
  async begin(): Promise<void> {
    await this.#setTimeLimit();
    this.#context.reset();
    await this.#readState();
  }

  /** What is to be done behind a command of the client's, before the next one. */
  behind(command: number, effect: SessionEffect | undefined): (() => Promise<void>) | undefined {
    if (command === COM_RESET_CONNECTION) return () => this.begin();
    return effect?.setsTimeLimit === true ? () => this.#boundTimeLimit() : undefined;
  }

  /** The client has set the time limit of its statements: the smaller one of the two holds. */
  async #boundTimeLimit(): Promise<void> {
    const { dialect, capabilities } = this.#options;
    const { flavour } = dialect;
    const answer = await this.#run(readTimeLimit(flavour)).catch(ignoringRefusal);
    // One that not even this question was answered in is of no use.
    const isKept = answer !== undefined && !outlasts(answer, { flavour, capabilities, leftMs: this.#leftMs });
    if (!isKept) await this.#setTimeLimit();
  }

  async #setTimeLimit(): Promise<void> {
    await this.#run(statementTimeLimit(this.#options.dialect.flavour, this.#leftMs));
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
    if (database !== null) await this.#run(`USE ${quoteIdentifier(database)}`);
  }

  async #readState(): Promise<void> {
    const { dialect, capabilities } = this.#options;
    const response = await this.#run(readSessionState(dialect.flavour));
    this.#context.told(sessionStateOf(response, capabilities));
  }
}
