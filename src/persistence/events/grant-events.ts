import type { EntityManager } from 'typeorm';
import type { EventType } from '../../domain/event.js';
import type { GrantState } from '../../domain/grant.js';
import type { GrantId } from '../../kernel/brand.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import type { NewGrant } from '../grants/new-grant.js';
import { appendEvents, eventTime, eventTimeOrNull } from './event-append.js';

const TYPE_OF = {
  requested: 'grant.requested',
  active: 'grant.active',
  closing: 'grant.closed',
  sealed: 'grant.sealed',
  refused: 'grant.refused',
} as const satisfies Record<GrantState, EventType>;

/** Writes the event of the state that a grant has come to, in the transaction that has changed its row. */
export async function noteGrantEvent(manager: EntityManager, id: GrantId): Promise<void> {
  const grant = await manager.getRepository(grantEntity).findOneBy({ id });
  if (grant !== null) await appendEvents(manager, [{ type: TYPE_OF[grant.state], data: dataOf(grant) }]);
}

/** Writes the event of a request, in the transaction that stores it: nothing that is told has to be read again. */
export async function noteRequestEvent(
  manager: EntityManager,
  grant: NewGrant & Pick<GrantRow, 'approvalId'>,
): Promise<void> {
  const begun = { closeReason: null, closedBy: null, refuseCode: null, activeAtMs: null, closingAtMs: null };
  const data = dataOf({ ...grant, ...begun, state: 'requested', sealedAtMs: null });
  await appendEvents(manager, [{ type: 'grant.requested', data }]);
}

type ToldGrant = Omit<NewGrant, 'verifier'> &
  Pick<
    GrantRow,
    'state' | 'approvalId' | 'closeReason' | 'closedBy' | 'refuseCode' | 'activeAtMs' | 'closingAtMs' | 'sealedAtMs'
  >;

/** Nothing of its account, its endpoint or its verifiers; what a target said names its address, and stays here too. */
function dataOf(grant: ToldGrant): object {
  return {
    grant: grant.id,
    state: grant.state,
    principal: { name: grant.principalName, kind: grant.principalKind },
    sponsor: grant.sponsor?.name ?? null,
    target: grant.targetName,
    protocol: grant.protocol,
    task: { title: grant.taskTitle, reference: grant.taskReference },
    approval: grant.approvalId,
    deadline: eventTime(grant.deadlineAtMs),
    closeReason: grant.closeReason,
    closedBy: grant.closedBy,
    refusal: grant.refuseCode,
    requestedAt: eventTime(grant.requestedAtMs),
    activeAt: eventTimeOrNull(grant.activeAtMs),
    closedAt: eventTimeOrNull(grant.closingAtMs),
    sealedAt: eventTimeOrNull(grant.sealedAtMs),
  };
}
