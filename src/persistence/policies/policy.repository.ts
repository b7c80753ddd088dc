import type { DataSource, EntityManager } from 'typeorm';
import { atState } from '../state/at-state.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';
import { inTransaction } from '../state/transaction.js';
import {
  policyEntity,
  type PolicyRow,
  policyStateEntity,
  policyVersionEntity,
  type PolicyVersionRow,
} from '../entities/policy.js';

const STATE_ID = 1;

/** All policies as they were at one revision. */
export interface StoredPolicies {
  /** Counts up with every change of any policy; 0 while there never was one. */
  readonly revision: number;
  /** Sorted by name. */
  readonly policies: readonly PolicyRow[];
}

/** A change of one policy; `text` is null to delete it. */
export interface PolicyChange {
  readonly name: string;
  readonly text: string | null;
  readonly by: string | null;
  readonly atMs: number;
  /** Null: nobody gave one. */
  readonly reason: string | null;
}

/** The policies in force and every version of them. */
export class PolicyRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** The revision of all policies together: one row by its key. */
  async revision(): Promise<number> {
    return atState(() => revisionIn(managerOf(this.dataSource)));
  }

  /** All policies and the revision they belong to, read at one moment. */
  async read(): Promise<StoredPolicies> {
    return atState(() =>
      this.dataSource.transaction('REPEATABLE READ', async (manager) => ({
        revision: await revisionIn(manager),
        policies: await manager.getRepository(policyEntity).find({ order: { name: 'ASC' } }),
      })),
    );
  }

  async find(name: string): Promise<PolicyRow | undefined> {
    return atState(async () => (await this.dataSource.getRepository(policyEntity).findOneBy({ name })) ?? undefined);
  }

  /** Every version of one policy that there was, the newest first; `before` is the revision to go on from. */
  async versions(
    name: string,
    { before, limit }: { readonly before: number | undefined; readonly limit: number },
  ): Promise<readonly PolicyVersionRow[]> {
    return atState(() => {
      const query = this.dataSource
        .getRepository(policyVersionEntity)
        .createQueryBuilder('version')
        .where('version.name = :name', { name });
      if (before !== undefined) query.andWhere('version.revision < :before', { before });
      return query.orderBy('version.revision', 'DESC').limit(limit).getMany();
    });
  }

  /** The last revisions that were made until a time, the newest first. */
  async revisionsUntil(
    ms: number,
    limit: number,
  ): Promise<readonly Pick<PolicyVersionRow, 'revision' | 'changedAtMs'>[]> {
    return atState(() =>
      this.dataSource
        .getRepository(policyVersionEntity)
        .createQueryBuilder('version')
        .select(['version.revision', 'version.changedAtMs'])
        .where('version.changed_at <= :ms', { ms })
        .orderBy('version.revision', 'DESC')
        .limit(limit)
        .getMany(),
    );
  }

  /** All policies as they were at a revision. */
  async at(revision: number): Promise<readonly PolicyVersionRow[]> {
    const found = await atState(() =>
      this.dataSource
        .getRepository(policyVersionEntity)
        .createQueryBuilder('version')
        .where(
          `version.revision IN (SELECT MAX(revision) FROM policy_versions WHERE revision <= :revision GROUP BY name)`,
          { revision },
        )
        .getMany(),
    );
    return found.filter(({ text }) => text !== null);
  }

  /** Writes a change over the revision it was made from; undefined when someone was first, else the new revision. */
  async change(from: number, change: PolicyChange): Promise<number | undefined> {
    return inTransaction(this.dataSource, (manager) => changeIn(manager, from, change));
  }
}

/**
 * Stores policies that this state database never knew by their names: all of them in a new one, and those of a protocol
 * that an upgrade brought. What was changed or deleted since stays as it is.
 */
export async function storeNewPolicies(
  dataSource: DataSource,
  policies: readonly Omit<PolicyChange, 'by' | 'reason'>[],
): Promise<void> {
  await atState(() =>
    dataSource.transaction(async (manager) => {
      // Anyone who changes policies meanwhile waits, and is told that somebody was first.
      const state = manager.getRepository(policyStateEntity);
      let { revision } = await state.findOneOrFail({ where: { id: STATE_ID }, lock: { mode: 'pessimistic_write' } });
      for (const policy of policies) {
        if (await manager.getRepository(policyVersionEntity).existsBy({ name: policy.name })) continue;
        revision = (await changeIn(manager, revision, { ...policy, by: null, reason: null })) ?? revision;
      }
    }),
  );
}

async function revisionIn(manager: EntityManager): Promise<number> {
  const state = await manager.getRepository(policyStateEntity).findOneByOrFail({ id: STATE_ID });
  return state.revision;
}

async function changeIn(
  manager: EntityManager,
  from: number,
  { name, text, by, atMs, reason }: PolicyChange,
): Promise<number | undefined> {
  const revision = from + 1;
  const { affected } = await manager
    .createQueryBuilder()
    .update(policyStateEntity)
    .set({ revision })
    .where('id = :id AND revision = :from', { id: STATE_ID, from })
    .execute();
  if (affected !== 1) return undefined;
  const version = { revision, name, text, changedBy: by, changedAtMs: atMs, reason };
  await manager.createQueryBuilder().insert().into(policyVersionEntity).values(version).updateEntity(false).execute();
  await manager.createQueryBuilder().delete().from(policyEntity).where('name = :name', { name }).execute();
  if (text !== null) {
    const row = { name, text, revision, updatedBy: by, updatedAtMs: atMs };
    await manager.createQueryBuilder().insert().into(policyEntity).values(row).updateEntity(false).execute();
  }
  return revision;
}
