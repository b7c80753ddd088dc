import { EntitySchema } from 'typeorm';
import type { ApprovalScope } from '../../../domain/approval.js';
import type { ApprovalId } from '../../../kernel/brand.js';
import { jsonColumn, msColumn, ulidColumn, word } from '../../state/columns.js';

/** An approval that a person gave and took back, as it is stored. */
export interface ApprovalWithdrawalRow {
  readonly approvalId: ApprovalId;
  /** Counts those of one approval from 1. */
  readonly number: number;
  /** Who had given it; anyone who is the same person may take it back. */
  readonly principalId: string;
  readonly principalName: string;
  readonly personId: string | null;
  /** What had been approved. */
  readonly scope: ApprovalScope | null;
  readonly decidedWith: string | null;
  readonly decidedAtMs: number;
  readonly reason: string;
  /** By which sign-in it was taken back, as `signInText` says. */
  readonly withdrawnWith: string;
  readonly withdrawnAtMs: number;
}

/** TypeORM's description of the table `approval_withdrawals`. */
export const approvalWithdrawalEntity = new EntitySchema<ApprovalWithdrawalRow>({
  name: 'ApprovalWithdrawal',
  tableName: 'approval_withdrawals',
  columns: {
    approvalId: { ...ulidColumn, name: 'approval_id', primary: true },
    number: { type: 'int', primary: true },
    principalId: { ...ulidColumn, name: 'principal_id' },
    principalName: { ...word(128), name: 'principal_name' },
    personId: { ...ulidColumn, name: 'person_id', nullable: true },
    scope: { ...jsonColumn, nullable: true },
    decidedWith: { ...word(60), name: 'decided_with', nullable: true },
    decidedAtMs: { ...msColumn, name: 'decided_at' },
    reason: word(1000),
    withdrawnWith: { ...word(60), name: 'withdrawn_with' },
    withdrawnAtMs: { ...msColumn, name: 'withdrawn_at' },
  },
});
