import type { SlackAccount } from '../../domain/slack-asked.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { slackLinkCodeEntity, slackLinkEntity, type SlackLinkRow } from '../entities/channels/slack-link.js';
import { atState, isDuplicate } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';

/** Which account of Slack is which principal's, and the codes by which people say so. */
export class SlackLinkRepository {
  constructor(private readonly dataSource: StateAccess) {}

  async find({ team, user }: SlackAccount): Promise<SlackLinkRow | undefined> {
    const found = await atState(() => this.dataSource.getRepository(slackLinkEntity).findOneBy({ team, user }));
    return found ?? undefined;
  }

  async findOf(principalId: PrincipalId): Promise<SlackLinkRow | undefined> {
    const found = await atState(() => this.dataSource.getRepository(slackLinkEntity).findOneBy({ principalId }));
    return found ?? undefined;
  }

  /** False: the account or the principal is linked already. */
  async insert({ team, user }: SlackAccount, principalId: PrincipalId): Promise<boolean> {
    try {
      await atState(() =>
        this.dataSource
          .createQueryBuilder()
          .insert()
          .into(slackLinkEntity)
          .values({ team, user, principalId, linkedAtMs: () => NOW_MS_SQL })
          .updateEntity(false)
          .execute(),
      );
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** False: there was none. */
  async deleteOf(principalId: PrincipalId): Promise<boolean> {
    const { affected } = await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .delete()
        .from(slackLinkEntity)
        .where('principal_id = :principalId', { principalId })
        .execute(),
    );
    return affected === 1;
  }

  /** Stores a code for so long; earlier ones of the principal, and those whose time is up, work no more. */
  async insertCode(id: string, principalId: PrincipalId, validMs: number): Promise<void> {
    await this.deleteCodesOf(principalId);
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .insert()
        .into(slackLinkCodeEntity)
        .values({ id, principalId, expiresAtMs: () => `${NOW_MS_SQL} + ${validMs}` })
        .updateEntity(false)
        .execute(),
    );
  }

  async deleteCodesOf(principalId: PrincipalId): Promise<void> {
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .delete()
        .from(slackLinkCodeEntity)
        .where(`principal_id = :principalId OR expires_at <= ${NOW_MS_SQL}`, { principalId })
        .execute(),
    );
  }

  /** Uses a code up, and says whose it is; undefined: there is none, it was used, or its time is up. */
  async takeCode(id: string): Promise<PrincipalId | undefined> {
    const found = await atState(() => this.dataSource.getRepository(slackLinkCodeEntity).findOneBy({ id }));
    if (found === null) return undefined;
    const { affected } = await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .delete()
        .from(slackLinkCodeEntity)
        .where(`id = :id AND expires_at > ${NOW_MS_SQL}`, { id })
        .execute(),
    );
    return affected === 1 ? found.principalId : undefined;
  }
}
