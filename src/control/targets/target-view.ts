import type { TargetSummaryView, TargetView } from '../../contracts/target.js';
import type { TargetReport, TargetTls } from '../../domain/target.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import { timeOf } from '../http/time.js';

/** What an operator sees of a target. */
export function targetViewOf(row: TargetRow): TargetView {
  return {
    ...targetSummaryOf(row),
    host: row.host,
    port: row.port,
    tls: tlsOf(row.tls),
    credentials: row.credentials,
    username: row.username,
    hasCredential: row.sealedPassword !== null,
    createdAt: timeOf(row.createdAtMs),
  };
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
