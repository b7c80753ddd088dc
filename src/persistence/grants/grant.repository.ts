import { In, type SelectQueryBuilder } from 'typeorm';
import type { CloseReason, GrantState } from '../../domain/grant.js';
import { lowestIdAt } from '../../domain/ids.js';
import type { ProtocolName, Verifier } from '../../domain/protocol-value.js';
import type { GrantId } from '../../kernel/brand.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import type { ApprovalHead } from '../approvals/approval-asking.js';
import { atState } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { inTransaction } from '../state/transaction.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import { noteRequestEvent } from '../events/grant-events.js';
import { closeGrant, moveGrant } from './grant-move.js';
import { type GrantQuestion, insertHeldGrant } from './held-grant.js';
import type { NewGrant } from './new-grant.js';
import { updateRows } from '../state/update-rows.js';

export interface GrantFilter {
  readonly principalId?: string | undefined;
  readonly principalName?: string | undefined;
  readonly targetName?: string | undefined;
  readonly protocol?: ProtocolName | undefined;
  readonly state?: GrantState | undefined;
  /** Only grants that have a recording: those that became active, or were sealed. */
  readonly recorded?: true | undefined;
  /** By the time of the request; `from` included, `to` not. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Only ids before this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Grants as the api sees them. Every change is a conditional update: false means that someone was first. */
export class GrantRepository {
  constructor(private readonly dataSource: StateAccess) {}

  async insert(grant: NewGrant): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(grantEntity)
        .values({ ...grant, state: 'requested' })
        .updateEntity(false)
        .execute();
      await noteRequestEvent(manager, { ...grant, approvalId: null });
    });
  }

  /** Stores a request that people must approve, with the question to them. */
  async insertHeld(grant: NewGrant, question: GrantQuestion): Promise<ApprovalHead> {
    return insertHeldGrant(this.dataSource, grant, question);
  }

  async find(id: GrantId): Promise<GrantRow | undefined> {
    const grant = await atState(() => this.dataSource.getRepository(grantEntity).findOneBy({ id }));
    return grant ?? undefined;
  }

  /** Those of the ids that there are, in any order. */
  async findAll(ids: readonly GrantId[]): Promise<readonly GrantRow[]> {
    if (ids.length === 0) return [];
    return atState(() => this.dataSource.getRepository(grantEntity).find({ where: { id: In([...ids]) } }));
  }

  /** The newest first. */
  async list(filter: GrantFilter): Promise<readonly GrantRow[]> {
    return atState(() => {
      const query = this.dataSource.getRepository(grantEntity).createQueryBuilder('grant');
      return filtered(query, filter).orderBy('grant.id', 'DESC').limit(filter.limit).getMany();
    });
  }

  /** requested → refused, if no gateway has taken it: after this none can. */
  async cancelUntaken(id: GrantId, code: ErrorCode): Promise<boolean> {
    return moveGrant(this.dataSource, { id, to: 'refused', set: { refuseCode: code }, and: 'gateway_id IS NULL' });
  }

  async close(id: GrantId, reason: CloseReason, by: string | null, nowMs: number): Promise<boolean> {
    return closeGrant(this.dataSource, { id, reason, by, nowMs });
  }

  /** Takes the one showing of the connection; with a verifier, the credential changes with it. */
  async takeConnection(id: GrantId, nowMs: number, verifier?: Verifier): Promise<boolean> {
    const taken = await updateRows(this.dataSource, grantEntity, {
      set: { connectionShownAtMs: nowMs, ...(verifier === undefined ? {} : { verifier }) },
      where: "id = :id AND state = 'active' AND connection_shown_at IS NULL",
      parameters: { id },
    });
    return taken === 1;
  }

  /** Takes the one showing for the MCP server: it logs in with the credential, and nobody has seen it. */
  async keepConnection(id: GrantId, nowMs: number, verifier: Verifier): Promise<boolean> {
    const kept = await updateRows(this.dataSource, grantEntity, {
      set: { connectionShownAtMs: nowMs, connectionKeptAtMs: nowMs, verifier },
      where: "id = :id AND state = 'active' AND connection_shown_at IS NULL",
      parameters: { id },
    });
    return kept === 1;
  }

  /** The agent is shown what {@link keepConnection} has kept: once, and with the same credential. */
  async showKept(id: GrantId, nowMs: number): Promise<boolean> {
    const shown = await updateRows(this.dataSource, grantEntity, {
      set: { connectionShownAtMs: nowMs, connectionKeptAtMs: null },
      where: "id = :id AND state = 'active' AND connection_kept_at IS NOT NULL",
      parameters: { id },
    });
    return shown === 1;
  }

  /** Forgets a credential that nobody was shown. */
  async clearVerifier(id: GrantId): Promise<void> {
    await updateRows(this.dataSource, grantEntity, {
      set: { verifier: null },
      where: 'id = :id AND connection_shown_at IS NULL',
      parameters: { id },
    });
  }
}

function filtered(query: SelectQueryBuilder<GrantRow>, filter: GrantFilter): SelectQueryBuilder<GrantRow> {
  const conditions: readonly (readonly [string, string, unknown])[] = [
    ['grant.principalId = :principalId', 'principalId', filter.principalId],
    ['grant.principalName = :principalName', 'principalName', filter.principalName],
    ['grant.targetName = :targetName', 'targetName', filter.targetName],
    ['grant.protocol = :protocol', 'protocol', filter.protocol],
    ['grant.state = :state', 'state', filter.state],
    ['grant.id >= :from', 'from', filter.fromMs === undefined ? undefined : lowestIdAt(filter.fromMs)],
    ['grant.id < :to', 'to', filter.toMs === undefined ? undefined : lowestIdAt(filter.toMs)],
    ['grant.id < :before', 'before', filter.before],
  ];
  for (const [condition, name, value] of conditions) {
    if (value !== undefined) query.andWhere(condition, { [name]: value });
  }
  if (filter.recorded) query.andWhere("(grant.activeAtMs IS NOT NULL OR grant.state = 'sealed')");
  return query;
}
