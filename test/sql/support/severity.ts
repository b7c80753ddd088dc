import { type StatementFacts, type TableAction } from '../../../src/protocols/sql/statement.js';
import { type Deed } from './witness.js';
import { LEADS_TO, RUNNING_VIEWS } from './scratch.js';

/**
 * How much harm a statement may do, for comparing what we say with what a server says. `risky`: its text does not tell
 * what happens, or it reaches beyond rows.
 */
export const SEVERITIES = ['read', 'session', 'lock', 'write', 'risky'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const isMilder = (one: Severity, other: Severity): boolean =>
  SEVERITIES.indexOf(one) < SEVERITIES.indexOf(other);

const WRITES: ReadonlySet<TableAction> = new Set(['insert', 'update', 'delete', 'replace']);

/** How severe the facts let a statement look to a policy. */
export function severityOfFacts(facts: StatementFacts): Severity {
  if (facts.notUnderstood !== null || facts.statements !== 1 || facts.unknownFunctions.length > 0) return 'risky';
  if (facts.flags.includes('into-file') || facts.flags.includes('procedure-analyse')) return 'risky';
  switch (facts.action) {
    case 'read':
      return facts.flags.some((flag) => CHANGES_SESSION.has(flag)) ? 'session' : 'read';
    case 'session':
    case 'lock':
      return facts.action;
    case 'insert':
    case 'update':
    case 'delete':
    case 'replace':
      return 'write';
    case 'schema':
    case 'execute':
    case 'admin':
    case 'unknown':
      return 'risky';
    default:
      return facts.action satisfies never;
  }
}

const CHANGES_SESSION: ReadonlySet<string> = new Set(['into-variable', 'assignment', 'locking-read']);

const READS = /^(?:select|show_\w+|help|checksum|explain_other|empty_query|get_diagnostics|signal)$/;
const SESSION =
  /^(?:set_option|change_db|begin|commit|rollback|savepoint|release_savepoint|rollback_to_savepoint|dealloc_sql|unlock_tables|empty_query)$/;
const LOCKS = /^(?:lock_tables)$/;
const ROWS = /^(?:insert|update|delete|replace)(?:_select|_multi)?$/;

/** How severe a statement is by the name that the server gives it alone. */
export function severityOfKind(kind: string): Severity {
  if (READS.test(kind)) return 'read';
  if (SESSION.test(kind)) return 'session';
  if (LOCKS.test(kind)) return 'lock';
  return ROWS.test(kind) ? 'write' : 'risky';
}

/** How severe a statement was, by what the server took it for and by what is different since. */
export function severityOfDeed(deed: Deed): Severity {
  if (deed.kinds.length > 1 || deed.changedSchema || deed.changedAccounts || deed.changedGlobals.length > 0) {
    return 'risky';
  }
  const [kind] = deed.kinds;
  // A session that ended itself took its history along.
  const named = kind === undefined ? 'session' : severityOfKind(kind);
  if (deed.written.length > 0) return named === 'risky' ? 'risky' : 'write';
  if (named === 'write' && deed.isPlan) return 'read';
  if (named === 'read' && deed.tookLocks) return 'lock';
  return named === 'read' && deed.setUserVariables ? 'session' : named;
}

/** What our facts say less than what happened, in words; empty when they say all of it. */
export function understated(facts: StatementFacts, deed: Deed): readonly string[] {
  const ours = runsCode(facts) ? 'risky' : severityOfFacts(facts);
  const theirs = severityOfDeed(deed);
  const reasons = isMilder(ours, theirs) ? [`${theirs} for the server, ${ours} for us`] : [];
  if (ours === 'risky') return reasons;
  const named = facts.tables.map(({ database, table }) => `${database}.${table}`);
  const writes = facts.tables.filter(({ action }) => WRITES.has(action));
  const written = writes.map(({ database, table }) => `${database}.${table}`);
  const notWritten = deed.written.filter((table) => !reaches(written, table));
  if (notWritten.length > 0) reasons.push(`writes ${notWritten.join(', ')} unnamed`);
  const notNamed = deed.touched.filter((table) => !reaches(named, table));
  if (notNamed.length > 0) reasons.push(`touches ${notNamed.join(', ')} unnamed`);
  return reasons;
}

/** What the catalog adds: a view over functions makes risky what names it. */
function runsCode(facts: StatementFacts): boolean {
  return facts.tables.some(({ database, table }) => RUNNING_VIEWS.has(`${database}.${table}`));
}

/** Whether the table is one of these, or one that the catalog adds to one of these. */
function reaches(tables: readonly string[], wanted: string): boolean {
  return tables.some((table) => table === wanted || (LEADS_TO[table] ?? []).includes(wanted));
}
