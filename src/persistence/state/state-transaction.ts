import { type DataSource, EntityManager } from 'typeorm';

/** The state database: outside of a transaction, or in one that somebody has begun. */
export type StateAccess = DataSource | EntityManager;

/** One transaction at the state database, for those who do several things in it and do not know TypeORM. */
export class StateTransaction {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  /** A repository whose work is part of this transaction. Nothing that waits for anything else may be done in between. */
  of<Repository>(repository: new (at: StateAccess) => Repository): Repository {
    return new repository(this.#manager);
  }
}

export function managerOf(at: StateAccess): EntityManager {
  return at instanceof EntityManager ? at : at.manager;
}
