import { In } from 'typeorm';
import { FINAL_GRANT_STATES } from '../../domain/grant.js';
import type { TargetId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { atState, isDuplicate } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';
import { grantEntity } from '../entities/grants/grant.js';
import { targetEntity, type TargetRow } from '../entities/grants/target.js';
import { updateRows } from '../state/update-rows.js';

/** No grant needs the target any more. */
const UNUSED = 'NOT EXISTS (SELECT 1 FROM `grants` WHERE target_id = :id AND state NOT IN (:...final))';

/** What may change of a target. */
export type TargetChange = Omit<TargetRow, 'id' | 'name' | 'protocol' | 'revision' | 'createdAtMs'>;

/** Targets and their sealed credentials. */
export class TargetRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** @throws BrokerError `target_exists` */
  async insert(row: TargetRow): Promise<void> {
    try {
      await atState(() =>
        this.dataSource.createQueryBuilder().insert().into(targetEntity).values(row).updateEntity(false).execute(),
      );
    } catch (error) {
      if (isDuplicate(error)) throw new BrokerError('target_exists', { cause: error });
      throw error;
    }
  }

  async findByName(name: string): Promise<TargetRow | undefined> {
    return atState(async () => (await this.dataSource.getRepository(targetEntity).findOneBy({ name })) ?? undefined);
  }

  /** Those of the names that there are, in any order. */
  async findAll(names: readonly string[]): Promise<readonly TargetRow[]> {
    if (names.length === 0) return [];
    return atState(() => this.dataSource.getRepository(targetEntity).find({ where: { name: In([...names]) } }));
  }

  /** A target, which nobody else changes until the transaction ends. */
  async lock(id: TargetId): Promise<TargetRow | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return atState(
      async () => (await this.dataSource.getRepository(targetEntity).findOne({ where: { id }, lock })) ?? undefined,
    );
  }

  /** The envelopes of all passwords that are stored. */
  async envelopes(): Promise<readonly string[]> {
    return atState(async () => {
      const rows = await this.dataSource
        .getRepository(targetEntity)
        .createQueryBuilder('target')
        .select('target.sealedPassword')
        .where('target.sealedPassword IS NOT NULL')
        .getMany();
      return rows.flatMap(({ sealedPassword }) => (sealedPassword === null ? [] : [sealedPassword]));
    });
  }

  /** The newest first; `before` is the id to go on from. */
  async list({ before, limit }: { readonly before: string | undefined; readonly limit: number }) {
    return atState(async (): Promise<readonly TargetRow[]> => {
      const query = this.dataSource.getRepository(targetEntity).createQueryBuilder('target');
      if (before !== undefined) query.where('target.id < :before', { before });
      return query.orderBy('target.id', 'DESC').limit(limit).getMany();
    });
  }

  /** Writes a change over the revision that it was made from; false when someone was first. */
  async change(
    { id, revision }: Pick<TargetRow, 'id' | 'revision'>,
    change: TargetChange,
    { onlyUnused }: { readonly onlyUnused: boolean },
  ): Promise<boolean> {
    return atState(async () => {
      const { affected } = await this.dataSource
        .createQueryBuilder()
        .update(targetEntity)
        .set({ ...change, revision: revision + 1 })
        .where(`id = :id AND revision = :revision${onlyUnused ? ` AND ${UNUSED}` : ''}`)
        .setParameters({ id, revision, final: FINAL_GRANT_STATES })
        .execute();
      return affected === 1;
    });
  }

  /**
   * Writes how a look at the target went, and what it saw where it saw anything; false when the target was changed since
   * it was asked for, so that what was seen may be another.
   */
  async noteLook(
    { id, revision }: Pick<TargetRow, 'id' | 'revision'>,
    look: Pick<TargetRow, 'lastLook'> & Partial<Pick<TargetRow, 'report'>>,
  ): Promise<boolean> {
    const noted = await updateRows(this.dataSource, targetEntity, {
      set: look,
      where: 'id = :id AND revision = :revision',
      parameters: { id, revision },
    });
    return noted === 1;
  }

  /** How many grants need each of the targets: those that are neither sealed nor refused. */
  async openGrants(ids: readonly TargetId[]): Promise<ReadonlyMap<TargetId, number>> {
    if (ids.length === 0) return new Map();
    return atState(async () => {
      const counts = await this.dataSource
        .getRepository(grantEntity)
        .createQueryBuilder('grant')
        .select('grant.targetId', 'id')
        .addSelect('COUNT(*)', 'count')
        .where('grant.targetId IN (:...ids) AND grant.state NOT IN (:...final)', { ids, final: FINAL_GRANT_STATES })
        .groupBy('grant.targetId')
        .getRawMany<{ id: TargetId; count: string }>();
      return new Map(counts.map(({ id, count }) => [id, Number(count)]));
    });
  }

  /** Whether no grant needs the target any more. */
  async isUnused(id: TargetId): Promise<boolean> {
    return atState(async () => {
      const found = await this.dataSource
        .getRepository(targetEntity)
        .createQueryBuilder('target')
        .select('target.id')
        .where(`target.id = :id AND ${UNUSED}`)
        .setParameters({ id, final: FINAL_GRANT_STATES })
        .getOne();
      return found !== null;
    });
  }

  /** Deletes a target that no grant needs any more; false when one does. */
  async deleteUnused(id: TargetId): Promise<boolean> {
    return atState(async () => {
      const { affected } = await this.dataSource
        .createQueryBuilder()
        .delete()
        .from(targetEntity)
        .where('id = :id')
        .andWhere(UNUSED)
        .setParameters({ id, final: FINAL_GRANT_STATES })
        .execute();
      return affected === 1;
    });
  }
}
