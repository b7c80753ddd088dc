import type { TargetChangeRequest } from '../../contracts/grants/target.js';
import { defaultTlsMode, type TargetTls } from '../../domain/target.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import type { TargetRules } from '../../protocol/target-rules.js';
import type { TargetChange } from '../../persistence/targets/target.repository.js';

/** What a change request makes of a target, before its password is sealed and the target looked at. */
export interface PlannedChange {
  /** Everything but the credential and the report. */
  readonly settings: Omit<TargetChange, 'sealedPassword' | 'report' | 'lastLook'>;
  /** The stored password was for another endpoint or account and must not be sent for this one. */
  readonly dropsPassword: boolean;
  /** Grants that are not sealed were opened at another endpoint or with another account, and are ended there. */
  readonly mustBeUnused: boolean;
  /** What the last inspection said may no longer hold. */
  readonly mustInspect: boolean;
}

/** @throws BrokerError as {@link TargetRules.changed} */
export function planChange(row: TargetRow, request: TargetChangeRequest, rules: TargetRules): PlannedChange {
  const host = request.host ?? row.host;
  const port = request.port ?? row.port;
  const tls = request.tls ?? (host === row.host ? row.tls : { mode: defaultTlsMode(host) });
  const username = request.username ?? row.username;
  const credentials = request.credentials ?? row.credentials;
  const endpointChanged = host !== row.host || port !== row.port || !isSameTls(tls, row.tls);
  const { terms, asksForMore } = rules.changed(row, request);
  const accountChanged = username !== row.username || credentials !== row.credentials;
  return {
    settings: {
      host,
      port,
      tls,
      username,
      credentials,
      defaultDatabase: terms.defaultDatabase,
      labels: request.labels ?? row.labels,
      limits: terms.limits,
    },
    dropsPassword: endpointChanged || username !== row.username,
    mustBeUnused: endpointChanged || accountChanged,
    mustInspect: endpointChanged || accountChanged || request.password !== undefined || asksForMore,
  };
}

function isSameTls(first: TargetTls, second: TargetTls): boolean {
  return first.mode === second.mode && first.ca === second.ca && first.serverName === second.serverName;
}
