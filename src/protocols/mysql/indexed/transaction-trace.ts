import { ROW_ACTIONS, type StatementFacts } from '../../sql/statement.js';

/** Whether a session has a transaction open, as far as its recording tells; null: it does not tell. */
export type InTransaction = boolean | null;

/** What is known of a session between its statements. JSON. */
export interface SessionTrace {
  readonly inTransaction: InTransaction;
  /** What is true of it when the statement under way is answered and has not failed. */
  readonly afterwards: InTransaction;
  /** The statement under way says how many rows it changed. */
  readonly changesRows: boolean;
}

const CHANGES_ROWS: ReadonlySet<string> = new Set(ROW_ACTIONS);

export const SESSION_BEGUN: SessionTrace = { inTransaction: false, afterwards: false, changesRows: false };
export const SESSION_UNKNOWN: SessionTrace = { inTransaction: null, afterwards: null, changesRows: false };

/** What is known once a statement is under way. */
export function traceWith(trace: SessionTrace, facts: StatementFacts, text: string): SessionTrace {
  return {
    inTransaction: trace.inTransaction,
    afterwards: inTransactionAfter(trace.inTransaction, facts, text),
    changesRows: CHANGES_ROWS.has(facts.action),
  };
}

export function traceAnswered(trace: SessionTrace, isDone: boolean): SessionTrace {
  return {
    inTransaction: isDone ? trace.afterwards : trace.inTransaction,
    afterwards: trace.afterwards,
    changesRows: false,
  };
}

/** Of a statement that was prepared and not run. */
export function tracePrepared(trace: SessionTrace): SessionTrace {
  return { ...trace, afterwards: trace.inTransaction, changesRows: false };
}

function inTransactionAfter(before: InTransaction, facts: StatementFacts, text: string): InTransaction {
  // Whether a session commits by itself is a setting of it; what runs in stored code may do anything of this.
  if (facts.flags.includes('autocommit') || facts.action === 'execute' || facts.action === 'unknown') return null;
  switch (facts.kind) {
    case 'begin':
    case 'start transaction':
      return true;
    case 'commit':
      return /\band\s+chain\b/i.test(text);
    case 'rollback':
      return /\bto\b/i.test(text) ? before : /\band\s+chain\b/i.test(text);
    default:
      // Statements that define something end the transaction that was open.
      return facts.action === 'schema' && !facts.flags.includes('temporary') ? false : before;
  }
}
