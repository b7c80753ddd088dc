import { isTextUnderstood, ROW_ACTIONS } from '../../../sql/statement.js';
import { parametersIn } from '../../sql/parameters.js';
import { COM_STMT_CLOSE } from '../../wire/commands.js';
import { PayloadWriter } from '../../wire/lenenc.js';
import { encodePackets } from '../../wire/packet.js';
import type { ErrPacket } from '../../wire/packets.js';
import type { PreparedHead } from '../../wire/response/response-result.js';
import type { OwnCommands } from '../own/own-commands.js';
import type { StatementRequest } from '../request.js';
import { OwnStatementRefused } from '../own/own-exchange.js';
import type { Judgement } from '../../judge/judgement.js';
import type { SessionSettings } from '../../preview/session-settings.js';
import type { Rehearsed, Rehearser } from '../../rehearsal/rehearser.js';
import type { SessionContext } from '../session-context.js';
import type { Refusal } from '../machine/session-state.js';
import { refusalByTarget, refusalFor } from '../answer/refusals.js';

/** What happens to a held statement before anybody is asked about it. */
export type BeforeAsking =
  /** It goes to the gate, which asks people. */
  | { readonly kind: 'gate' }
  /** A COM_STMT_PREPARE is answered so, and done at the target when it is executed. */
  | { readonly kind: 'answer'; readonly answer: Buffer }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** The session, as a rehearsal uses it. */
export interface RehearsedSession {
  readonly own: Pick<OwnCommands, 'prepare' | 'tell'>;
  readonly context: Pick<SessionContext, 'mayHaveTemporaryTables'>;
  readonly capabilities: number;
}

const GATE: BeforeAsking = { kind: 'gate' };
/** A text that is too large to be put to people is too large to be rehearsed. */
const TEXT_BYTES_MAX = 1 << 20;

// https://mariadb.com/kb/en/mariadb-error-code-reference/, https://dev.mysql.com/doc/mysql-errors/9.7/en/
/** What a name stands for depends on the session's temporary tables, which no other session sees. */
const WRONG_NAMES: ReadonlySet<number> = new Set([
  1051, // unknown table
  1052, // ambiguous column
  1054, // unknown column
  1109, // unknown table in a multi-table statement
  1110, // column named twice
  1136, // as many values as columns
  1146, // no such table
  1288, // target table is not updatable
  1347, // is not of the type
  1348, // column is not updatable
  1356, // view references what is not there
  1471, // target is not insertable
  1906, // MariaDB: value of a generated column
  3105, // MySQL: value of a generated column
]);
/** No session could run the text, whatever it has. */
const WRONG_TEXTS: ReadonlySet<number> = new Set([
  1046, // no database selected
  1060, // duplicate column name
  1064, // syntax
  1066, // not unique table or alias
  1093, // the table that is changed is read
  1111, // invalid use of a group function
  1115, // unknown character set
  1149, // syntax
  1193, // unknown system variable
  1222, // different numbers of columns
  1241, // operand should contain columns
  1248, // every derived table must have an alias
  1273, // unknown collation
  1305, // no such function or procedure
  1327, // undeclared variable
  1390, // too many placeholders
  1582, // wrong number of parameters
  1630, // no such function
]);
/** It cannot be prepared: as a text it may run. */
const ER_UNSUPPORTED_PS = 1295;
/** Row writes give no columns when they are prepared, so the number of their placeholders says all of it. */
const ROW_WRITES: ReadonlySet<string> = new Set(ROW_ACTIONS);

/**
 * Finds out, without running it, whether the target would take a held statement: so nobody is asked about what cannot
 * run, and a statement is prepared for its client without giving the task account anything.
 *
 * What needs nothing beyond what stands, and a text that is not understood, is prepared in the client's own session, by
 * the account that the client has; only what is understood is prepared by the broker's.
 */
export class StatementRehearsal {
  readonly #session: RehearsedSession;
  readonly #rehearser: Pick<Rehearser, 'rehearse'>;

  constructor(session: RehearsedSession, rehearser: Pick<Rehearser, 'rehearse'>) {
    this.#session = session;
    this.#rehearser = rehearser;
  }

  /** @throws when the session is over */
  async before(
    request: StatementRequest,
    judgement: Judgement,
    settings: SessionSettings | undefined,
  ): Promise<BeforeAsking> {
    const { command, bytes } = request.judged;
    const { verdict, outside, missing, facts } = judgement;
    if (verdict !== 'hold' || outside.length > 0 || request.executed !== undefined) return GATE;
    const isOwn = missing.length === 0 || !isTextUnderstood(facts);
    if (command === 'COM_STMT_PREPARE') {
      return isOwn ? GATE : this.#answer(request, judgement, await this.#rehearse(request, settings));
    }
    if (bytes.length > TEXT_BYTES_MAX) return GATE;
    const error = isOwn ? await this.#errorHere(bytes) : errorOf(await this.#rehearse(request, settings));
    return error !== undefined && this.#isCertain(error, isOwn)
      ? { kind: 'refuse', refusal: refusalByTarget(error) }
      : GATE;
  }

  async #rehearse({ judged }: StatementRequest, settings: SessionSettings | undefined): Promise<Rehearsed> {
    const { analysed, scene } = judged;
    if (analysed === undefined || analysed.length > TEXT_BYTES_MAX) return { kind: 'unknown' };
    return this.#rehearser.rehearse({ text: analysed, scene, settings, capabilities: this.#session.capabilities });
  }

  async #answer({ judged }: StatementRequest, { facts }: Judgement, rehearsed: Rehearsed): Promise<BeforeAsking> {
    if (rehearsed.kind === 'prepared') return { kind: 'answer', answer: rehearsed.answer };
    const error = errorOf(rehearsed);
    if (error !== undefined && (error.errno === ER_UNSUPPORTED_PS || this.#isCertain(error, false))) {
      return { kind: 'refuse', refusal: refusalByTarget(error) };
    }
    // What the broker's account cannot see the session may: the placeholders are there in any case.
    const isRowWrite = ROW_WRITES.has(facts.action) && !facts.flags.includes('returning');
    const parameters = isRowWrite ? parametersIn(judged.analysed ?? judged.bytes, judged.scene.dialect) : undefined;
    if (parameters === undefined) return { kind: 'refuse', refusal: refusalFor('prepare_lends_nothing') };
    return { kind: 'answer', answer: await this.#placeholders(parameters) };
  }

  /** The answer to a statement that has so many parameters and nothing else. */
  async #placeholders(count: number): Promise<Buffer> {
    const text = count === 0 ? 'DO 0' : `DO ${Array<string>(count).fill('?').join(', ')}`;
    const { head, answer } = await this.#session.own.prepare(Buffer.from(text));
    this.#close(head);
    return answer;
  }

  /** What the target says against a text in the client's own session. */
  async #errorHere(text: Buffer): Promise<ErrPacket | undefined> {
    try {
      const { head } = await this.#session.own.prepare(text);
      this.#close(head);
      return undefined;
    } catch (error) {
      if (!(error instanceof OwnStatementRefused)) throw error;
      return error.packet;
    }
  }

  #close(head: PreparedHead | undefined): void {
    if (head === undefined) return;
    this.#session.own.tell(
      encodePackets(0, new PayloadWriter().uint8(COM_STMT_CLOSE).uint32(head.statementId).finish()),
    );
  }

  /** Whether the statement cannot run in the client's session either. */
  #isCertain({ errno }: ErrPacket, isOwn: boolean): boolean {
    if (WRONG_TEXTS.has(errno)) return true;
    return WRONG_NAMES.has(errno) && (isOwn || !this.#session.context.mayHaveTemporaryTables);
  }
}

function errorOf(rehearsed: Rehearsed): ErrPacket | undefined {
  return rehearsed.kind === 'refused' ? rehearsed.packet : undefined;
}
