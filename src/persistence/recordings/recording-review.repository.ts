import { In } from 'typeorm';
import type { GrantId, PrincipalId } from '../../kernel/brand.js';
import { recordingReviewEntity, type RecordingReviewRow } from '../entities/recordings/recording-review.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import type { StateAccess } from '../state/state-transaction.js';

/** Who has read which recordings. */
export class RecordingReviewRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** Marks a recording; false when the principal had marked it already, whose time then stays. */
  async insert(row: Omit<RecordingReviewRow, 'reviewedAtMs'>): Promise<boolean> {
    const { raw } = await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .insert()
        .into(recordingReviewEntity)
        .values({ ...row, reviewedAtMs: () => NOW_MS_SQL })
        .orIgnore()
        .updateEntity(false)
        .execute(),
    );
    return (raw as { affectedRows: number }).affectedRows === 1;
  }

  /** Takes a mark away; false when there was none. */
  async delete(grantId: GrantId, principalId: PrincipalId): Promise<boolean> {
    const { affected } = await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .delete()
        .from(recordingReviewEntity)
        .where('grant_id = :grantId AND principal_id = :principalId', { grantId, principalId })
        .execute(),
    );
    return affected === 1;
  }

  /** Of each recording, the earliest first. */
  async findAll(grantIds: readonly GrantId[]): Promise<ReadonlyMap<GrantId, readonly RecordingReviewRow[]>> {
    if (grantIds.length === 0) return new Map();
    const rows = await atState(() =>
      this.dataSource
        .createQueryBuilder(recordingReviewEntity, 'review')
        .where({ grantId: In([...grantIds]) })
        .orderBy('review.reviewed_at')
        .getMany(),
    );
    return Map.groupBy(rows, ({ grantId }) => grantId);
  }
}
