import { assert } from '../../../../kernel/assert.js';
import type { Leg } from '../../../../gateway/leg.js';
import { COM_QUERY, COM_STMT_PREPARE } from '../../wire/commands.js';
import type { ErrPacket } from '../../wire/packets.js';
import type { PreparedHead } from '../../wire/response/response-result.js';
import type { ResponseTracker } from '../../wire/response/response-tracker.js';
import { mayAskTarget, type SessionState } from '../machine/session-state.js';
import { OwnExchange } from './own-exchange.js';
import { lastSequenceIdOf, ownCommand, ownPrepare } from './own-statements.js';
import type { SessionContext } from '../session-context.js';

/** Thrown to anyone who still asks or waits for a session that has ended. */
export const SESSION_OVER = new Error('The session is over.');

export interface PreparedAnswer {
  readonly head: PreparedHead | undefined;
  readonly answer: Buffer;
}

export interface OwnCommandsOptions {
  readonly target: Pick<Leg, 'write'>;
  readonly tracker: ResponseTracker;
  readonly context: Pick<SessionContext, 'scene'>;
  readonly state: () => SessionState;
}

/** Commands of the gateway's own in a client's session, while nothing of the client's is at the target. */
export class OwnCommands {
  readonly #options: OwnCommandsOptions;
  readonly #exchange = new OwnExchange();

  constructor(options: OwnCommandsOptions) {
    this.#options = options;
  }

  /** What the target sends now is the answer to one of these. */
  get isOpen(): boolean {
    return this.#exchange.isOpen;
  }

  /** Nothing can be asked any more. */
  get isOver(): boolean {
    return this.#options.state().at === 'ended';
  }

  /** Runs a statement. @throws OwnStatementRefused; SESSION_OVER */
  async run(statement: string): Promise<Buffer> {
    return this.#ask(COM_QUERY, ownCommand(statement, this.#options.context.scene.characterSet));
  }

  /** Prepares a text. @throws as {@link run} */
  async prepare(text: Buffer): Promise<PreparedAnswer> {
    const answer = await this.#ask(COM_STMT_PREPARE, ownPrepare(text));
    return { head: this.#options.tracker.prepared, answer };
  }

  /** Sends the target bytes that have no answer. */
  tell(wire: Buffer): void {
    this.#options.target.write(wire);
  }

  take(part: Buffer): void {
    this.#exchange.take(part);
  }

  end(error: ErrPacket | undefined): void {
    this.#exchange.end(error);
  }

  /** Nobody will answer any more. */
  abandon(reason: Error): void {
    this.#exchange.abandon(reason);
  }

  #ask(command: number, wire: Buffer): Promise<Buffer> {
    const { state, tracker, target } = this.#options;
    if (this.isOver) throw SESSION_OVER;
    assert(mayAskTarget(state()), 'nothing of the client is at the target');
    tracker.begin(command, lastSequenceIdOf(wire));
    target.write(wire);
    return this.#exchange.begin();
  }
}
