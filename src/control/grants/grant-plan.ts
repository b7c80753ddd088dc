import type { GrantRequest } from '../../contracts/grants/grant.js';
import { newGrantId } from '../../domain/ids.js';
import type { Verifier } from '../../domain/protocol-value.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import type { NewGrant } from '../../persistence/grants/new-grant.js';
import type { GrantRules } from '../../protocol/grant-rules.js';
import type { Caller } from '../http/access.js';
import { newTaskAccount } from './task-account.js';

export interface GrantAsk {
  readonly requester: Pick<Caller, 'id' | 'name' | 'kind' | 'sponsor'>;
  readonly target: TargetRow;
  /** Of the target's protocol. */
  readonly rules: GrantRules;
  readonly request: GrantRequest;
  readonly verifier: Verifier;
  readonly nowMs: number;
}

/**
 * The grant that a request asks for, within what its target allows.
 * @throws BrokerError `grant_ttl_over_limit`, `grant_privileges_over_limit`, `grant_access_missing`,
 *   `target_credential_missing`, `request_invalid`
 */
export function planGrant({ requester, target, rules, request, verifier, nowMs }: GrantAsk): NewGrant {
  const { ttlSecondsMax } = target.limits;
  if (request.ttlSeconds > ttlSecondsMax) {
    throw new BrokerError('grant_ttl_over_limit', { detail: `This target allows at most ${ttlSecondsMax} seconds.` });
  }
  const { access, database } = rules.plan(request.access, target, ['access']);
  if (target.sealedPassword === null || target.report === null) throw new BrokerError('target_credential_missing');
  return {
    id: newGrantId(),
    principalId: requester.id,
    principalName: requester.name,
    principalKind: requester.kind,
    sponsor: requester.sponsor,
    taskTitle: request.task.title,
    taskReference: request.task.reference ?? null,
    targetId: target.id,
    targetName: target.name,
    protocol: target.protocol,
    access,
    database,
    ttlSeconds: request.ttlSeconds,
    onHold: request.onHold ?? 'wait',
    deadlineAtMs: nowMs + request.ttlSeconds * 1000,
    taskAccount: newTaskAccount(),
    verifier,
    requestedAtMs: nowMs,
  };
}
