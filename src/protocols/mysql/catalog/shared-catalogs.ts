import { createHash } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import type { AdminPool } from '../account/admin-pool.js';
import { adminLogin } from '../account/end-account.js';
import type { MysqlOrder } from '../grant-order.js';
import { GrantCatalog, SharedCatalog } from './shared-catalog.js';
import { TargetCatalog } from './target-catalog.js';

export interface SharedCatalogsOptions {
  readonly admins: AdminPool;
  readonly clock: Clock;
}

/**
 * The catalogs of a gateway process: one for all grants that see a target alike, from the first of them to the last. No
 * more are kept than grants are open.
 */
export class SharedCatalogs {
  readonly #options: SharedCatalogsOptions;
  readonly #bySight = new Map<string, SharedCatalog>();
  readonly #targets = new Map<SharedCatalog, string>();

  constructor(options: SharedCatalogsOptions) {
    this.#options = options;
  }

  /** How many catalogs are kept. */
  get count(): number {
    return this.#bySight.size;
  }

  /** The catalog of a grant's target as this grant sees it; to be closed with the grant. */
  use(order: MysqlOrder): GrantCatalog {
    const sight = sightOf(order);
    const shared = this.#bySight.get(sight) ?? this.#open(sight, order);
    const grant: GrantCatalog = new GrantCatalog(shared, {
      change: () => this.#changed(grant, shared),
      close: async () => {
        shared.leave(grant);
        if (shared.isUsed) return;
        // Another may have taken its place by now.
        if (this.#bySight.get(sight) === shared) this.#bySight.delete(sight);
        this.#targets.delete(shared);
        await shared.close();
      },
    });
    shared.join(grant);
    return grant;
  }

  #open(sight: string, order: MysqlOrder): SharedCatalog {
    const { admins, clock } = this.#options;
    const catalog = new TargetCatalog({
      withAdmin: (work) => admins.use(adminLogin(order), work),
      databases: databasesOf(order),
      clock,
    });
    const shared = new SharedCatalog(catalog, clock);
    this.#bySight.set(sight, shared);
    this.#targets.set(shared, order.target.id);
    return shared;
  }

  /** What a grant changes, others may see that look at the same target in another way. */
  #changed(by: GrantCatalog, where: SharedCatalog): void {
    const target = this.#targets.get(where);
    for (const [shared, its] of this.#targets) {
      if (its === target) shared.changed(shared === where ? by : undefined);
    }
  }
}

/**
 * All that decides what a reading shows: which target, where and how it is reached, who asks there with which password,
 * and for which databases. Two grants for which any of this differs, such as before and after a change of the target's
 * registration, have a catalog each. A grant's own account and privileges have no part in it: it is the broker that asks.
 */
function sightOf(order: MysqlOrder): string {
  const { endpoint, username, password } = adminLogin(order);
  const { host, port, tls } = endpoint;
  const way = [host, port, tls.mode, tls.ca ?? null, tls.serverName ?? null];
  const sight = JSON.stringify([order.target.id, way, username, password, databasesOf(order)]);
  return createHash('sha256').update(sight).digest('hex'); // the password is in it
}

function databasesOf({ access }: MysqlOrder): readonly string[] {
  return [...new Set(access.map(({ database }) => database))].sort();
}
