import { unreachable } from '../../kernel/assert.js';
import type { RecordedProtocols } from '../recorded-protocol.js';
import type { Entry, GrantClosed, GrantOpened, OperationEntry } from './entries.js';
import { wrongReferences } from './references.js';

interface SessionState {
  readonly open: boolean;
  /** Operations without a result; where a session has one at a time, the last alone. */
  readonly waiting: Set<number>;
}

/** Follows the entries of one recording and says which of them makes no sense where it stands. */
export class EntryOrder {
  readonly #protocols: RecordedProtocols;
  #opened: GrantOpened | undefined;
  #closed: GrantClosed | undefined;
  #monoUs = 0;
  #firstAt = '';
  #lastAt = '';
  #hasOneInFlight = false;
  readonly #sessions = new Map<number, SessionState>();
  #operations = 0;
  #lastOperation = 0;

  constructor(protocols: RecordedProtocols) {
    this.#protocols = protocols;
  }

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

  get operations(): number {
    return this.#operations;
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
        return this.#open(entry);
      case 'session.opened':
        if (this.#sessions.has(entry.session)) return `Session ${entry.session} was opened already.`;
        this.#sessions.set(entry.session, { open: true, waiting: new Set() });
        return undefined;
      case 'session.closed': {
        const wrong = this.#inSession(entry.session);
        this.#sessions.set(entry.session, CLOSED);
        return wrong;
      }
      case 'operation':
        return this.#begin(entry);
      case 'note':
      case 'refused':
        return this.#inSession(entry.session);
      case 'approval.asked':
      case 'approval.decided':
      case 'forwarded':
        return this.#inSession(entry.session) ?? this.#waits(entry.session, entry.operation);
      case 'result':
        return this.#inSession(entry.session) ?? this.#answer(entry) ?? wrongReferences(entry);
      case 'stream':
        return this.#inSession(entry.session) ?? this.#goesOn(entry) ?? wrongReferences(entry);
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

  #open(entry: Entry & GrantOpened): string | undefined {
    if (this.#opened !== undefined) return 'The grant was opened already.';
    this.#opened = entry;
    this.#firstAt = entry.at;
    // Who does not know the protocol cannot demand the stricter order.
    this.#hasOneInFlight = entry.format === 1 || this.#protocols.get(entry.target.protocol)?.inFlight === 'one';
    return undefined;
  }

  #begin({ session, operation }: OperationEntry): string | undefined {
    // A number is missing where an operation was too large to be recorded, and so was not forwarded.
    if (operation <= this.#lastOperation) return `Operation ${operation} was there already.`;
    this.#lastOperation = operation;
    this.#operations += 1;
    const wrong = this.#inSession(session);
    const waiting = this.#sessions.get(session)?.waiting;
    if (wrong !== undefined || waiting === undefined) return wrong;
    if (this.#hasOneInFlight) waiting.clear();
    waiting.add(operation);
    return undefined;
  }

  #inSession(session: number): string | undefined {
    return this.#sessions.get(session)?.open === true ? undefined : `Session ${session} is not open here.`;
  }

  #answer({ session, operation }: { readonly session: number; readonly operation?: number }): string | undefined {
    if (operation === undefined) return undefined;
    const wrong = this.#waits(session, operation);
    this.#sessions.get(session)?.waiting.delete(operation);
    return wrong;
  }

  /** A stream may go on after the result of its operation: a websocket does once its request was answered. */
  #goesOn({ operation }: { readonly operation?: number }): string | undefined {
    return operation === undefined || operation <= this.#lastOperation
      ? undefined
      : `Operation ${operation} has not been there.`;
  }

  #waits(session: number, operation: number): string | undefined {
    if (this.#sessions.get(session)?.waiting.has(operation) === true) return undefined;
    const which = this.#hasOneInFlight ? 'the last' : 'one';
    return `Operation ${operation} is not ${which} of session ${session}, or it has a result already.`;
  }
}

const CLOSED: SessionState = { open: false, waiting: new Set() };
