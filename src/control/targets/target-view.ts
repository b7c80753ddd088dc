import type { TargetSummaryView, TargetView } from '../../contracts/grants/target.js';
import type { TargetLook, TargetReport, TargetTls } from '../../domain/target.js';
import { ERROR_TABLE, isErrorCode } from '../../kernel/errors/error-table.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { timeOf } from '../http/time.js';
import { targetWarnings } from './target-warnings.js';

/** What an operator sees of a target, with how many grants need it. */
export function targetViewOf(row: TargetRow, openTasks: number): TargetView {
  return {
    ...targetSummaryOf(row),
    host: row.host,
    port: row.port,
    tls: tlsOf(row.tls),
    credentials: row.credentials,
    username: row.username,
    hasCredential: row.sealedPassword !== null,
    createdAt: timeOf(row.createdAtMs),
    lastLook: row.lastLook === null ? null : lookOf(row.lastLook),
    openTasks,
    warnings: targetWarnings(row),
  };
}

/** A code that another version of the broker wrote has no sentence here. */
function lookOf({ atMs, code }: TargetLook): TargetView['lastLook'] {
  const what = code !== null && isErrorCode(code) ? ERROR_TABLE[code].title : null;
  return { at: timeOf(atMs), ok: code === null, code, what };
}

/** What everybody else sees: enough to ask for a grant, nothing of where the target is. */
export function targetSummaryOf({
  id,
  name,
  protocol,
  defaultDatabase,
  labels,
  limits,
  report,
}: TargetRow): TargetSummaryView {
  return {
    id,
    name,
    protocol,
    defaultDatabase,
    labels,
    limits,
    report: report === null ? null : reportOf(report),
  };
}

function tlsOf({ mode, ca, serverName }: TargetTls): TargetView['tls'] {
  return { mode, ...(ca === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { serverName }) };
}

function reportOf({ flavour, version, tls, checkedAt }: TargetReport): TargetView['report'] {
  return { flavour, version, tls, checkedAt };
}
