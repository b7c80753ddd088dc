import { hash } from 'node:crypto';
import { unreachable } from '../../kernel/assert.js';
import type { Entry, GrantClosed, GrantOpened, ResultEntry } from './entries.js';

const SHA256_HEX = /^[0-9a-f]{64}$/;
const EMPTY_SHA256 = hash('sha256', '');

interface SessionState {
  readonly open: boolean;
  /** The last statement while it has no result. */
  waiting: number | undefined;
}

/** Follows the entries of one recording and says which of them makes no sense where it stands. */
export class EntryOrder {
  #opened: GrantOpened | undefined;
  #closed: GrantClosed | undefined;
  #monoUs = 0;
  #firstAt = '';
  #lastAt = '';
  readonly #sessions = new Map<number, SessionState>();
  #statements = 0;
  #lastStatement = 0;

  get opened(): GrantOpened | undefined {
    return this.#opened;
  }

  /** Present once the recording has its last entry. */
  get closed(): GrantClosed | undefined {
    return this.#closed;
  }

  get firstAt(): string {
    return this.#firstAt;
  }

  get lastAt(): string {
    return this.#lastAt;
  }

  get statements(): number {
    return this.#statements;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** What is wrong with the entry at this place, or undefined. */
  accept(entry: Entry): string | undefined {
    if (this.#closed !== undefined) return 'It follows grant.closed, which is the last entry of a recording.';
    if (this.#opened === undefined && entry.type !== 'grant.opened') return 'A recording begins with grant.opened.';
    if (entry.mono < this.#monoUs) return 'Its mono is less than that of the entry before.';
    this.#monoUs = entry.mono;
    this.#lastAt = entry.at;
    return this.#place(entry);
  }

  #place(entry: Entry): string | undefined {
    switch (entry.type) {
      case 'grant.opened':
        if (this.#opened !== undefined) return 'The grant was opened already.';
        this.#opened = entry;
        this.#firstAt = entry.at;
        return undefined;
      case 'session.opened':
        if (this.#sessions.has(entry.session)) return `Session ${entry.session} was opened already.`;
        this.#sessions.set(entry.session, { open: true, waiting: undefined });
        return undefined;
      case 'session.closed': {
        const wrong = this.#inSession(entry.session);
        this.#sessions.set(entry.session, { open: false, waiting: undefined });
        return wrong;
      }
      case 'statement': {
        // A number is missing where a statement was too large to be recorded, and so was not forwarded.
        if (entry.statement <= this.#lastStatement) return `Statement ${entry.statement} was there already.`;
        this.#lastStatement = entry.statement;
        this.#statements += 1;
        const session = this.#sessions.get(entry.session);
        if (session !== undefined) session.waiting = entry.statement;
        return this.#inSession(entry.session);
      }
      case 'command':
      case 'command.refused':
        return this.#inSession(entry.session);
      case 'approval.asked':
      case 'approval.decided':
      case 'forwarded':
        return this.#inSession(entry.session) ?? this.#waits(entry.session, entry.statement);
      case 'result':
        return this.#inSession(entry.session) ?? this.#answer(entry) ?? wrongReference(entry);
      case 'session.refused':
      case 'grant.closing':
        return undefined;
      case 'grant.closed':
        this.#closed = entry;
        return undefined;
      default:
        return unreachable(entry);
    }
  }

  #inSession(session: number): string | undefined {
    return this.#sessions.get(session)?.open === true ? undefined : `Session ${session} is not open here.`;
  }

  /** A session has one statement at a time, so a result can only answer the last. */
  #answer(entry: ResultEntry): string | undefined {
    if (entry.statement === undefined) return undefined;
    const wrong = this.#waits(entry.session, entry.statement);
    const session = this.#sessions.get(entry.session);
    if (wrong === undefined && session !== undefined) session.waiting = undefined;
    return wrong;
  }

  #waits(session: number, statement: number): string | undefined {
    if (this.#sessions.get(session)?.waiting === statement) return undefined;
    return `Statement ${statement} is not the last of session ${session}, or it has a result already.`;
  }
}

function wrongReference({ response }: ResultEntry): string | undefined {
  if (response === undefined) return undefined;
  if (response.kept > response.bytes) return 'It keeps more response bytes than there were.';
  const placed = response.segment > 0;
  if (placed !== response.kept > 0 || (!placed && response.offset !== 0)) {
    return 'Its response is kept nowhere, or a place is given for nothing.';
  }
  if (response.bytes === 0 && response.sha256 !== EMPTY_SHA256) return 'The digest of its empty response is wrong.';
  if (response.kept < response.bytes && !SHA256_HEX.test(response.sha256)) return 'Its sha256 is no SHA-256.';
  return undefined;
}
