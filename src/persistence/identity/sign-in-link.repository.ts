import type { PrincipalId } from '../../kernel/brand.js';
import { signInLinkEntity, type SignInLinkRow } from '../entities/identity/sign-in-link.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';

/** One-time links. Their time is the state database's: a command line on another machine may have another. */
export class SignInLinkRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** Stores a link for so long, and forgets those whose time is up. */
  async insert(row: Omit<SignInLinkRow, 'createdAtMs' | 'expiresAtMs'>, validMs: number): Promise<void> {
    await atState(async () => {
      await this.dataSource
        .createQueryBuilder()
        .delete()
        .from(signInLinkEntity)
        .where(`expires_at <= ${NOW_MS_SQL}`)
        .execute();
      await this.dataSource
        .createQueryBuilder()
        .insert()
        .into(signInLinkEntity)
        .values({ ...row, createdAtMs: () => NOW_MS_SQL, expiresAtMs: () => `${NOW_MS_SQL} + ${validMs}` })
        .updateEntity(false)
        .execute();
    });
  }

  /** A link whose time is not up. */
  async find(id: string): Promise<SignInLinkRow | undefined> {
    const row = await atState(() =>
      this.dataSource
        .createQueryBuilder(signInLinkEntity, 'link')
        .where(`link.id = :id AND link.expires_at > ${NOW_MS_SQL}`, { id })
        .getOne(),
    );
    return row ?? undefined;
  }

  /** Takes a link, once; false when somebody was first. */
  async take(id: string): Promise<boolean> {
    const { affected } = await atState(() =>
      this.dataSource.createQueryBuilder().delete().from(signInLinkEntity).where('id = :id', { id }).execute(),
    );
    return affected === 1;
  }

  /** Voids all links of a principal. */
  async deleteOf(principalId: PrincipalId): Promise<void> {
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .delete()
        .from(signInLinkEntity)
        .where('principal_id = :principalId', { principalId })
        .execute(),
    );
  }
}
