import { BrokerError } from '../../../kernel/errors.js';
import type { AnswerWindow, ToldAnswer } from '../../../recording/replay/answer.js';
import type { Entry, TypedEntry } from '../../../recording/entries/entries.js';
import type {
  ResponseBytes,
  Teller,
  TellerOptions,
  ToldBody,
  ToldNote,
  ToldOperation,
  ToldResult,
} from '../../../recording/replay/teller.js';
import { unreadableEntry } from '../../../recording/verify/reader.js';
import { dialectOf } from '../sql/text/dialect.js';
import type { MysqlEntry } from './bodies.js';
import { isMysqlEntry } from './body-schemas.js';
import type { DecodeAnswer } from './response-decoder.js';
import { toldCommand, toldStatement } from './told-statement.js';
import type { DecodedResponse } from '../wire/response/result-decoder.js';
import { toldAnswer } from './told-answer.js';
import { toldResult } from './told-result.js';

/** Tells recordings of MySQL and MariaDB. */
export class MysqlTeller implements Teller {
  readonly #rowsMax: number;
  readonly #decode: DecodeAnswer;
  readonly #sessions = new Map<number, SessionReplay>();
  #dialect = dialectOf({ flavour: 'mariadb', version: '', sqlMode: '' });

  constructor({ rowsMax }: TellerOptions, decode: DecodeAnswer) {
    this.#rowsMax = rowsMax;
    this.#decode = decode;
  }

  follow(entry: Entry): void {
    assertOurs(entry);
    if (entry.type === 'grant.opened') {
      const { flavour, version } = entry.target;
      this.#dialect = dialectOf({ flavour: flavour === 'mysql' ? 'mysql' : 'mariadb', version, sqlMode: '' });
    }
    if (entry.type === 'session.opened') {
      this.#sessions.set(entry.session, new SessionReplay(entry.body.capabilities));
    }
    if ('session' in entry) this.#sessions.get(entry.session)?.follow(entry);
  }

  /** An execution that was answered without rows may have left them for COM_STMT_FETCH, which needs its columns. */
  isNeededLater(entry: TypedEntry<'result'>): boolean {
    assertOurs(entry);
    const { name, body } = entry;
    return name === 'COM_STMT_EXECUTE' && body.results.some((part) => part.kind === 'rows' && part.rows === 0);
  }

  operation(entry: TypedEntry<'operation'>): ToldOperation {
    assertOurs(entry);
    return toldStatement(entry, this.#dialect);
  }

  note(entry: TypedEntry<'note'>): ToldNote {
    assertOurs(entry);
    return toldCommand(entry);
  }

  result(entry: TypedEntry<'result'>, response: ResponseBytes): ToldResult {
    assertOurs(entry);
    return toldResult(entry, this.#decoded(entry, response));
  }

  body(entry: Entry): ToldBody {
    assertOurs(entry);
    const rowsMax = entry.type === 'forwarded' ? entry.body?.rowsMax : undefined;
    if (rowsMax === undefined) return { lines: () => [] };
    return {
      lines: (wording) => [
        wording === 'plain' ? `would have been rolled back above ${rowsMax} rows` : `for at most ${rowsMax} rows`,
      ],
    };
  }

  /** Undefined for bytes that are no answer. */
  answer(entry: TypedEntry<'result'>, response: Buffer, window: AnswerWindow): ToldAnswer | undefined {
    assertOurs(entry);
    const decoded = this.#decoded(entry, response, window);
    if (decoded === undefined || decoded === 'undecodable') return undefined;
    const saysNothing = decoded.results.length === 0 && decoded.error === undefined && decoded.prepared === undefined;
    return saysNothing && !decoded.complete ? undefined : toldAnswer(decoded, window.result);
  }

  /** COM_STMT_FETCH has rows of the execution that left them at the target. */
  fetchesOf(entry: TypedEntry<'note'>): number | undefined {
    assertOurs(entry);
    return entry.name === 'COM_STMT_FETCH' ? this.#sessions.get(entry.session)?.execution : undefined;
  }

  #decoded(
    { session: number, name }: TypedEntry<'result'>,
    response: ResponseBytes,
    window?: AnswerWindow,
  ): DecodedResponse | 'undecodable' | undefined {
    if (response === undefined) return undefined;
    const session = this.#sessions.get(number);
    if (session === undefined || response === 'unreadable') return 'undecodable';
    const { capabilities, execution } = session;
    try {
      return this.#decode(response, {
        capabilities,
        command: name,
        rowsMax: this.#rowsMax,
        ...(window === undefined ? {} : { window }),
        ...(execution === undefined ? {} : { execution }),
      });
    } catch (error) {
      if (error instanceof BrokerError) return 'undecodable';
      throw error;
    }
  }
}

/** What the entries of a session so far say about how to decode its next response. */
class SessionReplay {
  readonly capabilities: number;
  /** The last execution of each prepared statement, by the number of the statement that prepared it. */
  readonly #executions = new Map<number, number>();
  #execution: number | undefined;

  constructor(capabilities: number) {
    this.capabilities = capabilities;
  }

  /** The statement that the session executes or fetches rows of. */
  get execution(): number | undefined {
    return this.#execution;
  }

  follow(entry: MysqlEntry): void {
    if (entry.type === 'operation') {
      const { prepared } = entry.body;
      this.#execution = entry.name === 'COM_STMT_EXECUTE' ? entry.operation : undefined;
      if (prepared !== undefined) this.#executions.set(prepared, entry.operation);
    } else if (entry.type === 'note') {
      this.#execution =
        entry.name === 'COM_STMT_FETCH' ? this.#executions.get(Number(entry.body?.argument)) : undefined;
    }
  }
}

/** The reader has checked bodies of format 2; no form of a body here is taken on trust. */
function assertOurs(entry: Entry): asserts entry is MysqlEntry {
  if (!isMysqlEntry(entry)) throw unreadableEntry(entry.seq);
}
