import type { DataSource } from 'typeorm';
import { atState } from './at-state.js';
import { idempotentCallEntity, type IdempotentCallRow } from '../entities/idempotent-call.js';
import { NOW_MS_SQL } from './state-clock.js';
import { updateRows } from './update-rows.js';

/** As long as anyone who tries again goes on trying. */
const LIFE_MS = 24 * 3_600_000;
/** No call takes longer: one that is still at work then has died with its process. */
const WORK_MS_MAX = 120_000;
const FORGOTTEN_AT_ONCE_MAX = 100;

export type CallIdentity = Pick<IdempotentCallRow, 'principalId' | 'operation' | 'keyHash'>;

export type Begun =
  | { readonly kind: 'first' }
  | { readonly kind: 'at-work' }
  /** The key came with another request before. */
  | { readonly kind: 'other-request' }
  | { readonly kind: 'done'; readonly resultId: string };

const IDENTITY = 'principal_id = :principalId AND operation = :operation AND key_hash = :keyHash';

/** Calls with an Idempotency-Key: the primary key is the lock, so that of several with one key one does the work. */
export class IdempotentCallRepository {
  constructor(private readonly dataSource: DataSource) {}

  async begin(call: CallIdentity, requestHash: string): Promise<Begun> {
    await this.#forgetOld();
    const inserted: unknown = await atState(() =>
      this.dataSource.query(
        `INSERT IGNORE INTO idempotent_calls (principal_id, operation, key_hash, request_hash, begun_at)
         VALUES (?, ?, ?, ?, ${NOW_MS_SQL})`,
        [call.principalId, call.operation, call.keyHash, requestHash],
      ),
    );
    if (Object(inserted).affectedRows === 1) return { kind: 'first' };
    const row = await atState(() => this.dataSource.getRepository(idempotentCallEntity).findOneBy({ ...call }));
    if (row === null) return { kind: 'at-work' }; // it has just failed; anyone who tries again is the first
    if (row.requestHash !== requestHash) return { kind: 'other-request' };
    if (row.resultId !== null) return { kind: 'done', resultId: row.resultId };
    const taken = await updateRows(this.dataSource, idempotentCallEntity, {
      set: { begunAtMs: () => NOW_MS_SQL },
      where: `${IDENTITY} AND result_id IS NULL AND begun_at < ${NOW_MS_SQL} - :workMs`,
      parameters: { ...call, workMs: WORK_MS_MAX },
    });
    return { kind: taken === 1 ? 'first' : 'at-work' };
  }

  async done(call: CallIdentity, resultId: string): Promise<void> {
    await updateRows(this.dataSource, idempotentCallEntity, { set: { resultId }, where: IDENTITY, parameters: call });
  }

  /** The call failed and left nothing: the next one with its key is the first again. */
  async failed(call: CallIdentity): Promise<void> {
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .delete()
        .from(idempotentCallEntity)
        .where(`${IDENTITY} AND result_id IS NULL`, call)
        .execute(),
    );
  }

  async #forgetOld(): Promise<void> {
    await atState(() =>
      this.dataSource.query(
        `DELETE FROM idempotent_calls WHERE begun_at < ${NOW_MS_SQL} - ${LIFE_MS} LIMIT ${FORGOTTEN_AT_ONCE_MAX}`,
      ),
    );
  }
}
