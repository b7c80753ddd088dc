import type { StatementPreview } from '../../sql/statement-preview.js';
import type { Clock } from '../../../kernel/clock.js';
import type { AdminPool } from '../account/admin-pool.js';
import type { GrantCatalog } from '../catalog/shared-catalog.js';
import { adminLogin } from '../account/end-account.js';
import type { MysqlOrder } from '../grant-order.js';
import { withinLimit } from './preview-size.js';
import { PreviewRun } from './preview-run.js';
import type { PreviewedStatement, PreviewLimits } from './previewed-statement.js';

/** The bounds unless others are given. */
export const PREVIEW_LIMITS: PreviewLimits = { statementMsMax: 2_000, previewMsMax: 8_000, countedRowsMax: 100_000 };

const CATALOG_AGE_MS_MAX = 1_000;
const GRANT_ENDS = 'The grant ends.';

/** What previews of a grant are made with. */
export interface PreviewerOptions {
  readonly admins: AdminPool;
  readonly order: MysqlOrder;
  readonly catalog: Pick<GrantCatalog, 'snapshot'>;
  readonly clock: Clock;
  readonly limits?: Partial<PreviewLimits>;
}

/**
 * Finds out for people what a held statement of one grant would do, without running it. One preview at a time: each has
 * the grant's preview account, made for it and dropped with it.
 */
export class Previewer {
  readonly #options: PreviewerOptions;
  readonly #limits: PreviewLimits;
  readonly #open = new Set<PreviewRun>();
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: PreviewerOptions) {
    this.#options = options;
    this.#limits = { ...PREVIEW_LIMITS, ...options.limits };
  }

  /** What the statement would do, as far as it was learnt in the time a preview has. Never rejects. */
  async preview(statement: PreviewedStatement): Promise<StatementPreview> {
    const { admins, order, catalog, clock } = this.#options;
    const run = new PreviewRun(statement, {
      order,
      withAdmin: (work) => admins.use(adminLogin(order), work),
      snapshot: () => catalog.snapshot(CATALOG_AGE_MS_MAX),
      limits: this.#limits,
    });
    this.#open.add(run);
    if (this.#isClosed) run.cut(GRANT_ENDS);
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      run.cut('The preview took too long.');
      resolve();
    }, this.#limits.previewMsMax);
    const running = this.#last.then(() => run.run()).finally(() => this.#open.delete(run));
    this.#last = running;
    await Promise.race([running, isLate]);
    clearTimeout(timer);
    return withinLimit(run.result(clock.nowMs()));
  }

  /** Cuts what runs short; resolves when no preview runs any more, nor an account of one is left that could be dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const run of this.#open) run.cut(GRANT_ENDS);
    await this.#last;
  }
}
