import { EntitySchema } from 'typeorm';
import type { GrantId, PrincipalId } from '../../../kernel/brand.js';
import { msColumn, ulidColumn, word } from '../../state/columns.js';

/** That a reviewer says that they have read a recording. */
export interface RecordingReviewRow {
  readonly grantId: GrantId;
  readonly principalId: PrincipalId;
  readonly principalName: string;
  readonly reviewedAtMs: number;
}

/** TypeORM's description of the table `recording_reviews`. */
export const recordingReviewEntity = new EntitySchema<RecordingReviewRow>({
  name: 'RecordingReview',
  tableName: 'recording_reviews',
  columns: {
    grantId: { ...ulidColumn, name: 'grant_id', primary: true },
    principalId: { ...ulidColumn, name: 'principal_id', primary: true },
    principalName: { ...word(128), name: 'principal_name' },
    reviewedAtMs: { ...msColumn, name: 'reviewed_at' },
  },
});
