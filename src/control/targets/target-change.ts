import type { TargetChangeRequest } from '../../contracts/target.js';
import { defaultTlsMode, type TargetLimits, type TargetTls } from '../../domain/target.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import type { TargetChange } from '../../persistence/targets/target.repository.js';

/** What a change request makes of a target, before its password is sealed and the target looked at. */
export interface PlannedChange {
  /** Everything but the credential and the report. */
  readonly settings: Omit<TargetChange, 'sealedPassword' | 'report'>;
  /** The stored password was for another endpoint or account and must not be sent for this one. */
  readonly dropsPassword: boolean;
  /** Grants that are not sealed were opened at another endpoint or with another account, and are ended there. */
  readonly mustBeUnused: boolean;
  /** What the last inspection said may no longer hold. */
  readonly mustInspect: boolean;
}

export function planChange(row: TargetRow, request: TargetChangeRequest): PlannedChange {
  const host = request.host ?? row.host;
  const port = request.port ?? row.port;
  const tls = request.tls ?? (host === row.host ? row.tls : { mode: defaultTlsMode(host) });
  const username = request.username ?? row.username;
  const credentials = request.credentials ?? row.credentials;
  const endpointChanged = host !== row.host || port !== row.port || !isSameTls(tls, row.tls);
  const defaultDatabase = request.defaultDatabase === undefined ? row.defaultDatabase : request.defaultDatabase;
  const limits = changedLimits(row.limits, request.limits);
  const accountChanged = username !== row.username || credentials !== row.credentials;
  return {
    settings: {
      host,
      port,
      tls,
      username,
      credentials,
      defaultDatabase,
      labels: request.labels ?? row.labels,
      limits,
    },
    dropsPassword: endpointChanged || username !== row.username,
    mustBeUnused: endpointChanged || accountChanged,
    mustInspect:
      endpointChanged ||
      accountChanged ||
      request.password !== undefined ||
      (defaultDatabase !== null && defaultDatabase !== row.defaultDatabase) ||
      isWider(limits, row.limits),
  };
}

/** Grants may carry more than before, and so the account needs more. Narrowing works while the target is away. */
function isWider(limits: TargetLimits, before: TargetLimits): boolean {
  const hasNewPrivilege = limits.privileges.some((privilege) => !before.privileges.includes(privilege));
  if (before.databases === undefined) return hasNewPrivilege;
  const known = new Set(before.databases);
  return hasNewPrivilege || limits.databases === undefined || limits.databases.some((name) => !known.has(name));
}

function changedLimits(limits: TargetLimits, change: TargetChangeRequest['limits'] = {}): TargetLimits {
  const databases = change.databases === undefined ? limits.databases : (change.databases ?? undefined);
  return {
    ttlSecondsMax: change.ttlSecondsMax ?? limits.ttlSecondsMax,
    privileges: change.privileges ?? limits.privileges,
    ...(databases === undefined ? {} : { databases }),
    sessionsMax: change.sessionsMax ?? limits.sessionsMax,
  };
}

function isSameTls(first: TargetTls, second: TargetTls): boolean {
  return first.mode === second.mode && first.ca === second.ca && first.serverName === second.serverName;
}
