import type { EntitySchema, ObjectLiteral, QueryDeepPartialEntity } from 'typeorm';
import { atState } from './at-state.js';
import type { StateAccess } from './state-transaction.js';

export interface RowUpdate<Row extends ObjectLiteral> {
  readonly set: QueryDeepPartialEntity<Row>;
  /** SQL over the table's own column names: the condition is the lock. */
  readonly where: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** One conditional UPDATE, on its own or in a transaction. @returns how many rows met the condition */
export async function updateRows<Row extends ObjectLiteral>(
  at: StateAccess,
  entity: EntitySchema<Row>,
  { set, where, parameters = {} }: RowUpdate<Row>,
): Promise<number> {
  const { affected } = await atState(() =>
    at.createQueryBuilder().update(entity).set(set).where(where, parameters).execute(),
  );
  return affected ?? 0;
}
