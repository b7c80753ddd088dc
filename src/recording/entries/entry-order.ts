import { unreachable } from '../../kernel/assert.js';
import type { RecordedProtocols } from '../recorded-protocol.js';
import type { Entry, EntryType, GrantClosed, GrantOpened } from './entries.js';
import { wrongReference } from './references.js';
import type { UsualOperation, UsualResult } from './usual-line.js';

/** What is looked at of an entry: of operations and results, which are nearly all there are, a part. */
export type OrderedEntry = Exclude<Entry, { readonly type: UsualType }> | UsualOperation | UsualResult;
type UsualType = Extract<EntryType, 'operation' | 'result'>;

interface SessionState {
  readonly open: boolean;
  /** The last operation, as long as it has no result; else 0. */
  last: number;
  /** Those before it without a result; where a session has one at a time, none. */
  readonly earlier: Set<number>;
}

/** Follows the entries of one recording and says which of them makes no sense where it stands. */
export class EntryOrder {
  readonly #protocols: RecordedProtocols;
  #opened: GrantOpened | undefined;
  #closed: GrantClosed | undefined;
  #monoUs = 0;
  #firstAt = '';
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

  get operations(): number {
    return this.#operations;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** What is wrong with the entry at this place, or undefined. */
  accept(entry: OrderedEntry): string | undefined {
    if (this.#closed !== undefined) return 'It follows grant.closed, which is the last entry of a recording.';
    if (this.#opened === undefined && entry.type !== 'grant.opened') return 'A recording begins with grant.opened.';
    if (entry.mono < this.#monoUs) return 'Its mono is less than that of the entry before.';
    this.#monoUs = entry.mono;
    return this.#place(entry);
  }

  #place(entry: OrderedEntry): string | undefined {
    switch (entry.type) {
      case 'grant.opened':
        return this.#open(entry);
      case 'session.opened':
        if (this.#sessions.has(entry.session)) return `Session ${entry.session} was opened already.`;
        this.#sessions.set(entry.session, { open: true, last: 0, earlier: new Set() });
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
        return (
          this.#inSession(entry.session) ??
          this.#answer(entry) ??
          wrongReference(entry.request) ??
          wrongReference(entry.response)
        );
      case 'stream':
        return this.#inSession(entry.session) ?? this.#goesOn(entry) ?? wrongReference(entry.data);
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

  #begin({ session, operation }: UsualOperation): string | undefined {
    // A number is missing where an operation was too large to be recorded, and so was not forwarded.
    if (operation <= this.#lastOperation) return `Operation ${operation} was there already.`;
    this.#lastOperation = operation;
    this.#operations += 1;
    const state = this.#sessions.get(session);
    if (state?.open !== true) return this.#inSession(session);
    if (!this.#hasOneInFlight && state.last > 0) state.earlier.add(state.last);
    state.last = operation;
    return undefined;
  }

  #inSession(session: number): string | undefined {
    return this.#sessions.get(session)?.open === true ? undefined : `Session ${session} is not open here.`;
  }

  #answer({ session, operation }: UsualResult): string | undefined {
    if (operation === undefined) return undefined;
    const wrong = this.#waits(session, operation);
    const state = this.#sessions.get(session);
    if (state?.last === operation) state.last = 0;
    else state?.earlier.delete(operation);
    return wrong;
  }

  /** A stream may go on after the result of its operation: a websocket does once its request was answered. */
  #goesOn({ operation }: { readonly operation?: number }): string | undefined {
    return operation === undefined || operation <= this.#lastOperation
      ? undefined
      : `Operation ${operation} has not been there.`;
  }

  #waits(session: number, operation: number): string | undefined {
    const state = this.#sessions.get(session);
    if (state?.last === operation || state?.earlier.has(operation) === true) return undefined;
    const which = this.#hasOneInFlight ? 'the last' : 'one';
    return `Operation ${operation} is not ${which} of session ${session}, or it has a result already.`;
  }
}

const CLOSED: SessionState = { open: false, last: 0, earlier: new Set() };
