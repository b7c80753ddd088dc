import type { PrincipalId } from '../../kernel/brand.js';
import { atState } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { keyRequestEntity, type KeyRequestRow } from '../entities/identity/key-request.js';
import { NOW_MS_SQL } from '../state/state-clock.js';

/** Keys that one operator has asked for and a second one has to make. */
export class KeyRequestRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** Stores a request for so long, and forgets those whose time is up. */
  async insert(row: Omit<KeyRequestRow, 'expiresAtMs'>, validMs: number): Promise<void> {
    await atState(async () => {
      await this.dataSource
        .createQueryBuilder()
        .delete()
        .from(keyRequestEntity)
        .where(`expires_at <= ${NOW_MS_SQL}`)
        .execute();
      await this.dataSource
        .createQueryBuilder()
        .insert()
        .into(keyRequestEntity)
        .values({ ...row, expiresAtMs: () => `${NOW_MS_SQL} + ${validMs}` })
        .updateEntity(false)
        .execute();
    });
  }

  async find(id: string, principalId: PrincipalId): Promise<KeyRequestRow | undefined> {
    const row = await atState(() =>
      this.dataSource
        .createQueryBuilder(keyRequestEntity, 'request')
        .where(`request.id = :id AND request.principal_id = :principalId AND request.expires_at > ${NOW_MS_SQL}`, {
          id,
          principalId,
        })
        .getOne(),
    );
    return row ?? undefined;
  }

  /** Takes a request, once; false when somebody was first. */
  async take(id: string): Promise<boolean> {
    const { affected } = await atState(() =>
      this.dataSource.createQueryBuilder().delete().from(keyRequestEntity).where('id = :id', { id }).execute(),
    );
    return affected === 1;
  }
}
