import { LessThan } from 'typeorm';
import { identityMappingEntity, type IdentityMappingRow } from '../entities/identity/identity-mapping.js';
import { atState, isDuplicate } from '../state/at-state.js';
import type { StateAccess } from '../state/state-transaction.js';

/** The identity mapping in force and every version before it. */
export class IdentityMappingRepository {
  constructor(private readonly dataSource: StateAccess) {}

  /** The one in force; undefined while there never was one. */
  async newest(): Promise<IdentityMappingRow | undefined> {
    const [row] = await atState(() =>
      this.dataSource.getRepository(identityMappingEntity).find({ order: { revision: 'DESC' }, take: 1 }),
    );
    return row;
  }

  /** Versions, the newest first; `before` is the revision to go on from. */
  async list({
    before,
    limit,
  }: {
    readonly before: number | undefined;
    readonly limit: number;
  }): Promise<readonly IdentityMappingRow[]> {
    return atState(() =>
      this.dataSource.getRepository(identityMappingEntity).find({
        ...(before === undefined ? {} : { where: { revision: LessThan(before) } }),
        order: { revision: 'DESC' },
        take: limit,
      }),
    );
  }

  /** Adds a version; false when its revision is there already, so somebody was first. */
  async add(row: IdentityMappingRow): Promise<boolean> {
    try {
      await atState(() =>
        this.dataSource.getRepository(identityMappingEntity).insert({ ...row, rules: [...row.rules] }),
      );
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }
}
