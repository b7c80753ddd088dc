import { EntitySchema } from 'typeorm';
import type { EmailChoice } from '../../../domain/notice-choice.js';
import type { ApprovalId, PrincipalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** What a principal has chosen. Of a person's principals the one counts who has chosen last. */
export interface NoticeChoiceRow {
  readonly principalId: PrincipalId;
  readonly email: EmailChoice;
  readonly changedAtMs: number;
}

/** TypeORM's description of the table `notice_choices`. */
export const noticeChoiceEntity = new EntitySchema<NoticeChoiceRow>({
  name: 'NoticeChoice',
  tableName: 'notice_choices',
  columns: {
    principalId: { ...ulidColumn, name: 'principal_id', primary: true },
    email: word(10),
    changedAtMs: { ...msColumn, name: 'changed_at' },
  },
});

/** The last digest of a person. Its times are the state database's own clock. */
export interface EmailDigestRow {
  readonly personId: PrincipalId;
  /** Counts the person's digests. */
  readonly number: number;
  /** Since when this one is on its way; null: none is. */
  readonly openedAtMs: number | null;
  /** When a worker may try to send it; one that sends it moves this ahead of itself. */
  readonly tryAtMs: number | null;
  readonly tries: number;
  /** When the last one was sent, or given up. */
  readonly sentAtMs: number | null;
}

/** TypeORM's description of the table `email_digests`. */
export const emailDigestEntity = new EntitySchema<EmailDigestRow>({
  name: 'EmailDigest',
  tableName: 'email_digests',
  columns: {
    personId: { ...ulidColumn, name: 'person_id', primary: true },
    number: { type: 'int' },
    openedAtMs: { ...msColumn, name: 'opened_at', nullable: true },
    tryAtMs: { ...msColumn, name: 'try_at', nullable: true },
    tries: { type: 'int' },
    sentAtMs: { ...msColumn, name: 'sent_at', nullable: true },
  },
  indices: [{ name: 'email_digests_try', columns: ['tryAtMs'] }],
});

/** That a digest of a person had a question. */
export interface EmailToldRow {
  readonly personId: PrincipalId;
  readonly approvalId: ApprovalId;
}

/** TypeORM's description of the table `email_told`. */
export const emailToldEntity = new EntitySchema<EmailToldRow>({
  name: 'EmailTold',
  tableName: 'email_told',
  columns: {
    personId: { ...ulidColumn, name: 'person_id', primary: true },
    approvalId: { ...ulidColumn, name: 'approval_id', primary: true },
  },
  indices: [{ name: 'email_told_approval', columns: ['approvalId'] }],
});
