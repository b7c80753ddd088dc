import { In, type DataSource } from 'typeorm';
import type { GrantId } from '../../kernel/brand.js';
import { appendEvents, eventTime } from '../events/event-append.js';
import { atState } from '../state/at-state.js';
import { recordingEntity, type RecordingRow } from '../entities/recordings/recording.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';

/** A recording as it is when it is sealed: nobody has verified it since. */
export type SealedRow = Omit<RecordingRow, 'verifiedAtMs' | 'verifiedBy' | 'verifiedOk'>;

/** What the state database knows of sealed recordings; the recordings themselves are in the recording store. */
export class RecordingRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Keeps the row that is there: sealing may run twice. */
  async insert(row: SealedRow): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const { raw } = await manager
        .createQueryBuilder()
        .insert()
        .into(recordingEntity)
        .values(row)
        .orIgnore()
        .updateEntity(false)
        .execute();
      const isNew = (raw as { affectedRows: number }).affectedRows === 1;
      if (isNew) await appendEvents(manager, [{ type: 'recording.sealed', data: sealedDataOf(row) }]);
    });
  }

  /** Keeps what a verification said, in place of the one before. */
  async setVerified(grantId: GrantId, { by, ok }: { readonly by: string; readonly ok: boolean }): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const kept = await updateRows(manager, recordingEntity, {
        set: { verifiedAtMs: () => NOW_MS_SQL, verifiedBy: by, verifiedOk: ok },
        where: 'grant_id = :grantId',
        parameters: { grantId },
      });
      if (kept === 0 || ok) return;
      const row = await manager.getRepository(recordingEntity).findOneByOrFail({ grantId });
      await appendEvents(manager, [
        { type: 'recording.verification_failed', data: { ...sealedDataOf(row), verifiedBy: by } },
      ]);
    });
  }

  async find(grantId: GrantId): Promise<RecordingRow | undefined> {
    return (await this.findAll([grantId])).get(grantId);
  }

  /** Those of the grants that are sealed. */
  async findAll(grantIds: readonly GrantId[]): Promise<ReadonlyMap<GrantId, RecordingRow>> {
    if (grantIds.length === 0) return new Map();
    const rows = await atState(() =>
      this.dataSource.getRepository(recordingEntity).find({ where: { grantId: In([...grantIds]) } }),
    );
    return new Map(rows.map((row) => [row.grantId, row]));
  }
}

function sealedDataOf(row: SealedRow): object {
  const { grantId, principalName, targetName, entries, statements, bytes, sha256, keyId, interrupted } = row;
  return {
    grant: grantId,
    principal: { name: principalName },
    target: targetName,
    entries,
    statements,
    bytes,
    sha256,
    keyId,
    interrupted,
    openedAt: eventTime(row.openedAtMs),
    sealedAt: eventTime(row.sealedAtMs),
  };
}
