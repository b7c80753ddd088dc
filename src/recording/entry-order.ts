import { hash } from 'node:crypto';
import { assert } from '../kernel/assert.js';
import type { Entry, GrantClosed, GrantOpened, ResultEntry } from './entries.js';

const SHA256_HEX = /^[0-9a-f]{64}$/;
const EMPTY_SHA256 = hash('sha256', '');

/** Follows the entries of one recording and says which of them makes no sense where it stands. */
export class EntryOrder {
  #opened: GrantOpened | undefined;
  #closed: GrantClosed | undefined;
  #monoUs = 0;
  #firstAt = '';
  #lastAt = '';
  readonly #sessions = new Map<number, 'open' | 'closed'>();
  #statements = 0;
  #waiting = new WaitingStatements();

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
        this.#sessions.set(entry.session, 'open');
        return undefined;
      case 'session.closed': {
        const wrong = this.#inSession(entry.session);
        this.#sessions.set(entry.session, 'closed');
        return wrong;
      }
      case 'statement': {
        if (entry.statement !== this.#statements + 1) return `Statement ${this.#statements + 1} should be next.`;
        this.#statements = entry.statement;
        this.#waiting.add(entry.statement, entry.session);
        return this.#inSession(entry.session);
      }
      case 'command':
      case 'command.refused':
        return this.#inSession(entry.session);
      case 'result':
        return this.#inSession(entry.session) ?? this.#answer(entry) ?? wrongReference(entry);
      case 'session.refused':
      case 'grant.closing':
        return undefined;
      case 'grant.closed':
        this.#closed = entry;
        return undefined;
    }
  }

  #inSession(session: number): string | undefined {
    return this.#sessions.get(session) === 'open' ? undefined : `Session ${session} is not open here.`;
  }

  #answer(entry: ResultEntry): string | undefined {
    if (entry.statement === undefined) return undefined;
    return this.#waiting.take(entry.statement, entry.session)
      ? undefined
      : `Session ${entry.session} has no statement ${entry.statement} that waits for a result.`;
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

/** The session of each statement until its result came: four bytes a statement, whatever the recording claims. */
class WaitingStatements {
  #sessions = new Uint32Array(1024);

  add(statement: number, session: number): void {
    assert(statement > 0, 'statements are numbered from 1');
    if (statement >= this.#sessions.length) {
      const grown = new Uint32Array(this.#sessions.length * 2);
      grown.set(this.#sessions);
      this.#sessions = grown;
    }
    this.#sessions[statement] = session;
  }

  take(statement: number, session: number): boolean {
    if (this.#sessions[statement] !== session) return false;
    this.#sessions[statement] = 0;
    return true;
  }
}
