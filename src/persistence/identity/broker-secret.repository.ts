import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { assert } from '../../kernel/assert.js';
import { brokerSecretEntity } from '../entities/identity/broker-secret.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';

const SECRET_BYTES = 32;

/** Secrets that all apis share. */
export class BrokerSecretRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The secret of that name, 32 bytes; of several apis that start at once, one makes it for all. */
  async obtain(name: string): Promise<Buffer> {
    return atState(async () => {
      await this.dataSource
        .createQueryBuilder()
        .insert()
        .into(brokerSecretEntity)
        .values({ name, secret: randomBytes(SECRET_BYTES).toString('hex'), createdAtMs: () => NOW_MS_SQL })
        .orIgnore()
        .updateEntity(false)
        .execute();
      const row = await this.dataSource.getRepository(brokerSecretEntity).findOneBy({ name });
      assert(row !== null, 'it was there, or was inserted');
      return Buffer.from(row.secret, 'hex');
    });
  }
}
