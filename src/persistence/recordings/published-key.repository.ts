import type { DataSource } from 'typeorm';
import { atState } from '../state/at-state.js';
import { type KeyPurpose, publishedKeyEntity, type PublishedKeyRow } from '../entities/recordings/published-key.js';

/** The public halves of the broker's keys. They stay for good: a recording must verify after its key was replaced. */
export class PublishedKeyRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Publishes a key; one that is published already keeps its time. */
  async publish(row: Omit<PublishedKeyRow, 'jwk'> & { readonly jwk: object }): Promise<void> {
    await atState(() =>
      this.dataSource.createQueryBuilder().insert().into(publishedKeyEntity).values(row).orIgnore().execute(),
    );
  }

  /** The newest first. */
  async list(purpose: KeyPurpose): Promise<readonly PublishedKeyRow[]> {
    return atState(() =>
      this.dataSource.getRepository(publishedKeyEntity).find({ where: { purpose }, order: { createdAtMs: 'DESC' } }),
    );
  }

  async newest(purpose: KeyPurpose): Promise<PublishedKeyRow | undefined> {
    return atState(async () => {
      const [newest] = await this.dataSource
        .getRepository(publishedKeyEntity)
        .find({ where: { purpose }, order: { createdAtMs: 'DESC' }, take: 1 });
      return newest;
    });
  }
}
