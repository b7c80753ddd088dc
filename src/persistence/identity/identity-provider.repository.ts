import { IsNull } from 'typeorm';
import { identityProviderEntity, type IdentityProviderRow } from '../entities/identity/identity-provider.js';
import { atState, isDuplicate } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';

/** What a change writes. */
export type ProviderChange = Pick<
  IdentityProviderRow,
  'kind' | 'purposes' | 'settings' | 'sealedSecret' | 'changedAtMs' | 'changedBy' | 'deletedAtMs'
>;

/** Identity providers. Their rows are never removed. */
export class IdentityProviderRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** Those in force, by name. */
  async list(): Promise<readonly IdentityProviderRow[]> {
    return atState(() =>
      this.dataSource
        .getRepository(identityProviderEntity)
        .find({ where: { deletedAtMs: IsNull() }, order: { name: 'ASC' } }),
    );
  }

  /** Also one that was deleted. */
  async find(name: string): Promise<IdentityProviderRow | undefined> {
    return atState(
      async () => (await this.dataSource.getRepository(identityProviderEntity).findOneBy({ name })) ?? undefined,
    );
  }

  /** The first version of a provider; false when somebody was first. */
  async insert(name: string, change: ProviderChange): Promise<boolean> {
    const row = { ...change, name, purposes: [...change.purposes], revision: 1, createdAtMs: change.changedAtMs };
    try {
      await atState(() => this.dataSource.getRepository(identityProviderEntity).insert(row));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** Writes a change over the revision that it was made from; false when somebody was first. */
  async change(name: string, revision: number, change: ProviderChange): Promise<boolean> {
    return atState(async () => {
      const { affected } = await this.dataSource
        .createQueryBuilder()
        .update(identityProviderEntity)
        .set({ ...change, purposes: [...change.purposes], revision: revision + 1 })
        .where('name = :name AND revision = :revision', { name, revision })
        .execute();
      return affected === 1;
    });
  }
}
