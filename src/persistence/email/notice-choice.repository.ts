import { EMAIL_BY_DEFAULT, type EmailChoice } from '../../domain/notice-choice.js';
import type { PrincipalId } from '../../kernel/brand.js';
import { noticeChoiceEntity } from '../entities/channels/email.js';
import { personOf, principalEntity } from '../entities/identity/principal.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';

/** Which notices people want. */
export class NoticeChoiceRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** What a person has chosen last, by whichever of their principals. */
  async emailOf(person: PrincipalId): Promise<EmailChoice> {
    return (await this.emailsOf([person])).get(person) ?? EMAIL_BY_DEFAULT;
  }

  /** The same of several; who never chose is not there. */
  async emailsOf(persons: readonly PrincipalId[]): Promise<ReadonlyMap<PrincipalId, EmailChoice>> {
    if (persons.length === 0) return new Map();
    const rows = await atState(() =>
      this.dataSource
        .createQueryBuilder(noticeChoiceEntity, 'choice')
        .innerJoin(principalEntity.options.name, 'principal', 'principal.id = choice.principal_id')
        .select('principal.id', 'id')
        .addSelect('principal.person_id', 'personId')
        .addSelect('choice.email', 'email')
        .where('principal.id IN (:...persons) OR principal.person_id IN (:...persons)', { persons })
        .orderBy('choice.changed_at', 'ASC')
        .addOrderBy('principal.id', 'ASC')
        .getRawMany<{ id: PrincipalId; personId: PrincipalId | null; email: EmailChoice }>(),
    );
    return new Map(rows.map((row) => [personOf(row), row.email]));
  }

  /** From now on this holds, for all principals of the same person. */
  async chooseEmail(principal: PrincipalId, email: EmailChoice): Promise<void> {
    await atState(() =>
      this.dataSource.query(
        `INSERT INTO notice_choices (principal_id, email, changed_at) VALUES (?, ?, ${NOW_MS_SQL})
         ON DUPLICATE KEY UPDATE email = VALUES(email), changed_at = VALUES(changed_at)`,
        [principal, email],
      ),
    );
  }
}
