import type { ApprovalId, GrantId } from '../../kernel/brand.js';
import { brokerErrorOf } from '../../kernel/errors.js';
import type { ApprovalSweepRepository } from '../../persistence/approvals/approval-sweep.repository.js';
import type { ApprovedGrants } from '../grants/approved-grants.js';
import type { ReaperLog } from '../reaper/reaper.js';
import type { ApprovalKeeper } from './approval-keeper.js';

/** Jobs do all of this at once; only what is late is looked for here. */
const NOTICE_GRACE_MS = 2_000;
const OVERDUE_GRACE_MS = 500;
const OPEN_GRACE_MS = 3_000;
const CONCURRENCY = 8;

export interface ApprovalSweepOptions {
  readonly sweep: ApprovalSweepRepository;
  readonly keeper: ApprovalKeeper;
  readonly approved: ApprovedGrants;
  readonly log: ReaperLog;
}

/**
 * Does what jobs should have done: whatever becomes of Redis, every question is told, reminded of and timed out, and every
 * approved grant is opened. It may run at any time, in any number of workers.
 */
export class ApprovalSweep {
  readonly #options: ApprovalSweepOptions;

  constructor(options: ApprovalSweepOptions) {
    this.#options = options;
  }

  /** What cannot be finished now is tried again with every look. */
  async look(): Promise<void> {
    const { sweep, keeper, approved } = this.#options;
    await this.#all<ApprovalId>(
      'time out',
      (after) => sweep.overdue(OVERDUE_GRACE_MS, after),
      (id) => keeper.timeOut(id),
    );
    await this.#all<ApprovalId>(
      'cancel',
      (after) => sweep.leftBehind(after),
      (id) => sweep.cancelLeft(id),
    );
    await this.#all<ApprovalId>(
      'tell',
      (after) => sweep.dueNotices(NOTICE_GRACE_MS, after),
      (id) => keeper.tell(id),
    );
    await this.#all<GrantId>(
      'open',
      (after) => sweep.approvedUnopened(OPEN_GRACE_MS, after),
      (id) => approved.openAgain(id),
    );
  }

  /** Goes on after those that cannot be finished, however many they are. */
  async #all<Id extends string>(
    what: string,
    find: (after: Id | undefined) => Promise<readonly Id[]>,
    finish: (id: Id) => Promise<void>,
  ): Promise<void> {
    for (let found = await find(undefined); found.length > 0; found = await find(found.at(-1))) {
      const waiting = [...found];
      const work = async (): Promise<void> => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await this.#try(what, id, finish);
      };
      await Promise.all(Array.from({ length: Math.min(CONCURRENCY, found.length) }, work));
    }
  }

  async #try<Id extends string>(what: string, id: Id, finish: (id: Id) => Promise<void>): Promise<void> {
    try {
      await finish(id);
    } catch (error) {
      const code = brokerErrorOf(error).code;
      this.#options.log.warn(
        { id, what, code, err: error },
        'an approval could not be looked after; it is tried again',
      );
    }
  }
}
