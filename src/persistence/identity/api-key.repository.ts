import { In } from 'typeorm';
import type { PrincipalId } from '../../kernel/brand.js';
import { assert } from '../../kernel/assert.js';
import { atState } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { apiKeyEntity, type ApiKeyRow, type NewKey, UNBOUNDED_KEY } from '../entities/identity/api-key.js';
import type { PrincipalRow } from '../entities/identity/principal.js';

const KEYS_LISTED_MAX = 200;

/** API keys: what is needed to recognize them. */
export class ApiKeyRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** A key, by default one without an end that may do all that its principal may. */
  async insert(made: NewKey): Promise<void> {
    const { scope, ...row } = { ...UNBOUNDED_KEY, ...made };
    const values = { ...row, scope: scope === null ? null : [...scope] };
    await atState(() => this.dataSource.getRepository(apiKeyEntity).insert(values));
  }

  /** A key and whose it is, in one query: every call of the API begins with it. */
  async findWithPrincipal(id: string): Promise<{ key: ApiKeyRow; principal: PrincipalRow } | undefined> {
    return atState(async () => {
      const key = await this.dataSource
        .getRepository(apiKeyEntity)
        .createQueryBuilder('key')
        .innerJoinAndSelect('key.principal', 'principal')
        .where('key.id = :id', { id })
        .getOne();
      if (key === null) return undefined;
      assert(key.principal !== undefined, 'an inner join gives both sides');
      return { key, principal: key.principal };
    });
  }

  /** The newest first. */
  async listOf(principalId: PrincipalId): Promise<readonly ApiKeyRow[]> {
    return atState(() =>
      this.dataSource.getRepository(apiKeyEntity).find({
        where: { principalId },
        order: { createdAtMs: 'DESC', id: 'ASC' },
        take: KEYS_LISTED_MAX,
      }),
    );
  }

  /** How many keys of each of these principals work; those without one are not there. */
  async countWorking(principals: readonly PrincipalId[], nowMs: number): Promise<ReadonlyMap<PrincipalId, number>> {
    if (principals.length === 0) return new Map();
    const rows = await atState(() =>
      this.dataSource
        .getRepository(apiKeyEntity)
        .createQueryBuilder('key')
        .select('key.principal_id', 'principal')
        .addSelect('COUNT(*)', 'count')
        .where('key.principal_id IN (:...principals) AND key.revoked_at IS NULL', { principals })
        .andWhere('(key.expires_at IS NULL OR key.expires_at > :nowMs)', { nowMs })
        .groupBy('key.principal_id')
        .getRawMany<{ principal: PrincipalId; count: string | number }>(),
    );
    return new Map(rows.map(({ principal, count }) => [principal, Number(count)]));
  }

  /** How many keys there ever were of a principal. */
  async countOf(principalId: PrincipalId): Promise<number> {
    return atState(() => this.dataSource.getRepository(apiKeyEntity).countBy({ principalId }));
  }

  /** The principal who, by making the key or the keys it was made with, let its owner act; null where nobody is known. */
  async originOf(id: string): Promise<PrincipalId | null> {
    const key = await atState(() => this.dataSource.getRepository(apiKeyEntity).findOneBy({ id }));
    if (key === null || key.madeBy !== key.principalId) return key?.madeBy ?? null;
    // Made by its owner: what counts is who made the first key, with which all of that began.
    const first = await atState(() =>
      this.dataSource
        .getRepository(apiKeyEntity)
        .findOne({ where: { principalId: key.principalId }, order: { createdAtMs: 'ASC', id: 'ASC' } }),
    );
    return first?.madeBy ?? null;
  }

  /** Keys of a principal that work, were made since a time, and not by itself; the newest first. */
  async madeByOthers(
    principalId: PrincipalId,
    { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
  ): Promise<readonly ApiKeyRow[]> {
    return atState(() =>
      this.dataSource
        .getRepository(apiKeyEntity)
        .createQueryBuilder('key')
        .where('key.principal_id = :principalId AND key.created_at >= :sinceMs AND key.revoked_at IS NULL', {
          principalId,
          sinceMs,
        })
        .andWhere('(key.expires_at IS NULL OR key.expires_at > :nowMs)', { nowMs })
        .andWhere('(key.made_by IS NULL OR key.made_by <> :principalId)')
        .orderBy('key.created_at', 'DESC')
        .limit(KEYS_LISTED_MAX)
        .getMany(),
    );
  }

  /** A key of a principal, which nobody else changes until the transaction ends. */
  async lock(principalId: PrincipalId, id: string): Promise<ApiKeyRow | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return atState(
      async () =>
        (await this.dataSource.getRepository(apiKeyEntity).findOne({ where: { id, principalId }, lock })) ?? undefined,
    );
  }

  /** Revokes a key of a principal. One that is revoked keeps its time and the one who did it. */
  async revoke(
    principalId: PrincipalId,
    id: string,
    { atMs, by }: { readonly atMs: number; readonly by: { readonly id: PrincipalId; readonly name: string } | null },
  ): Promise<void> {
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .update(apiKeyEntity)
        .set({ revokedAtMs: atMs, revokedBy: by?.id ?? null, revokedByName: by?.name ?? null })
        .where('id = :id AND principal_id = :principalId AND revoked_at IS NULL', { id, principalId })
        .execute(),
    );
  }

  async markUsed(ids: readonly string[], lastUsedAtMs: number): Promise<void> {
    await atState(() => this.dataSource.getRepository(apiKeyEntity).update({ id: In(ids) }, { lastUsedAtMs }));
  }
}
