import { createHash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { newPrincipalId } from '../../domain/ids.js';
import type { PrincipalKind, Role } from '../../domain/principal.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { identityEntity, type IdentityRow } from '../entities/identity/identity.js';
import { MADE_BY_OPERATOR, principalEntity, type PrincipalRow } from '../entities/identity/principal.js';
import { atState, isDuplicate } from '../state/at-state.js';
import { inTransaction } from '../state/transaction.js';

/** What the identity mapping makes of somebody. */
export interface AdmittedPrincipal {
  /** `<provider>:<rest>`. */
  readonly name: string;
  readonly provider: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly email: string | null;
  readonly displayName: string | null;
}

/** An identity as its provider names it. */
export type SeenIdentity = Pick<IdentityRow, 'provider' | 'issuer' | 'subject'>;

/** Principals that identity providers bring. One that was brought once keeps its name, whatever its claims say later. */
export class IdentityRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The principal of a person's identity as it is now mapped; made when the identity is seen for the first time.
   * @throws BrokerError `signin_name_taken` when another identity has the name
   */
  async bringPerson(seen: SeenIdentity, mapped: AdmittedPrincipal, nowMs: number): Promise<PrincipalRow> {
    const id = identityIdOf(seen);
    return this.#again(() =>
      inTransaction(this.dataSource, async (manager) => {
        const known = await manager.findOne(identityEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
        if (known === null) {
          await requireFree(manager, mapped.name);
          const principal = await insertPrincipal(manager, mapped, nowMs);
          const { email } = mapped;
          const row = { ...seen, id, principalId: principal.id, email, firstSeenAtMs: nowMs, lastSeenAtMs: nowMs };
          await manager.insert(identityEntity, row);
          return principal;
        }
        const { provider } = seen;
        await manager.update(identityEntity, { id }, { provider, email: mapped.email, lastSeenAtMs: nowMs });
        return updatePrincipal(manager, known.principalId, mapped, nowMs);
      }),
    );
  }

  /**
   * The principal of a token as it is now mapped, by its name: many tokens of one workflow are one principal.
   * @throws BrokerError `signin_name_taken` when it is not this provider's
   */
  async bringAgent(mapped: AdmittedPrincipal, nowMs: number): Promise<PrincipalRow> {
    return this.#again(async () => {
      const found = await atState(() =>
        this.dataSource.getRepository(principalEntity).findOneBy({ name: mapped.name }),
      );
      if (found === null) return atState(() => insertPrincipal(this.dataSource.manager, mapped, nowMs));
      if (found.provider !== mapped.provider || found.kind !== mapped.kind) throw new BrokerError('signin_name_taken');
      if (isAsMapped(found, mapped)) return found;
      return atState(() => updatePrincipal(this.dataSource.manager, found.id, mapped, nowMs));
    });
  }

  /** The identities of a principal, as its providers know it. */
  async listOf(principalId: PrincipalId): Promise<readonly IdentityRow[]> {
    return atState(() =>
      this.dataSource.getRepository(identityEntity).find({ where: { principalId }, order: { firstSeenAtMs: 'ASC' } }),
    );
  }

  /** Two who come first at the same time make it once: the second finds what the first has made. */
  async #again<T>(bring: () => Promise<T>): Promise<T> {
    try {
      return await bring();
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return bring();
    }
  }
}

function identityIdOf({ issuer, subject }: SeenIdentity): string {
  return createHash('sha256').update(`${issuer}\0${subject}`).digest('hex');
}

async function requireFree(manager: EntityManager, name: string): Promise<void> {
  if (await manager.existsBy(principalEntity, { name })) throw new BrokerError('signin_name_taken');
}

async function insertPrincipal(
  manager: EntityManager,
  { name, provider, kind, roles, groups, email, displayName }: AdmittedPrincipal,
  nowMs: number,
): Promise<PrincipalRow> {
  const row: PrincipalRow = {
    ...MADE_BY_OPERATOR,
    id: newPrincipalId(),
    name,
    provider,
    kind,
    roles,
    groups: [],
    mappedGroups: groups,
    email,
    displayName,
    signedInAtMs: nowMs,
    createdAtMs: nowMs,
    disabledAtMs: null,
  };
  await manager.insert(principalEntity, { ...row, roles: [...roles], groups: [], mappedGroups: [...groups] });
  return row;
}

async function updatePrincipal(
  manager: EntityManager,
  id: PrincipalId,
  { kind, roles, groups, email, displayName }: AdmittedPrincipal,
  nowMs: number,
): Promise<PrincipalRow> {
  const change = { kind, roles: [...roles], mappedGroups: [...groups], email, displayName, signedInAtMs: nowMs };
  await manager.update(principalEntity, { id }, change);
  return manager.findOneByOrFail(principalEntity, { id });
}

function isAsMapped(found: PrincipalRow, { roles, groups }: AdmittedPrincipal): boolean {
  return (
    JSON.stringify(found.roles) === JSON.stringify(roles) &&
    JSON.stringify(found.mappedGroups) === JSON.stringify(groups)
  );
}
