import type { GrantId } from '../../kernel/brand.js';
import { brokerErrorOf } from '../../kernel/errors.js';
import type { GatewayRepository } from '../../persistence/processes/gateway.repository.js';
import type { GrantSweepRepository, Unfinished } from '../../persistence/grants/grant-sweep.repository.js';
import type { GrantExpiry } from '../grants/grant-expiry.js';
import type { Sealer } from '../sealing/sealer.js';
import type { OrphanEnder } from './orphan-ender.js';

/** A gateway that lost its lease has this long to let go of its grants before anyone else touches them. */
const LEASE_MARGIN_SECONDS = 5;
/** A gateway ends its grants at their deadline by its own clock; only later is it asked to. */
const DEADLINE_GRACE_MS = 3_000;
/** A grant that ended is sealed by a job at once; only later by the reaper. */
const SEAL_GRACE_MS = 3_000;
/** Grants that are worked on at the same time, so that one target that hangs does not hold up the others. */
const CONCURRENCY = 8;

/** Where a grant that could not be finished is noted; pino's loggers fit. */
export interface ReaperLog {
  warn(fields: object, message: string): void;
}

export interface ReaperMetrics {
  /** How many grants this look could not finish. */
  unfinished(grants: number): void;
  finished(kind: string): void;
}

export interface ReaperOptions {
  readonly gateways: GatewayRepository;
  readonly sweep: GrantSweepRepository;
  readonly expiry: GrantExpiry;
  readonly orphans: OrphanEnder;
  readonly sealer: Sealer;
  readonly log: ReaperLog;
  readonly metrics: ReaperMetrics;
}

/** Finishes what others left: it may run at any time, in any number of workers, and needs no Redis. */
export class Reaper {
  readonly #options: ReaperOptions;
  #looking: Promise<void> | undefined;

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  /** One look at all grants. A look that is under way is the one that is waited for. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** What cannot be finished now is tried again with every look. */
  async #look(): Promise<void> {
    const { gateways, sweep, expiry, orphans, sealer, metrics } = this.#options;
    await gateways.giveUpDead(LEASE_MARGIN_SECONDS);
    const expire = ({ id }: Unfinished): Promise<void> => expiry.expire(id);
    const failed =
      (await this.#all('expired', (after) => sweep.untakenPastDeadline(after), expire)) +
      (await this.#all('expired', (after) => sweep.openPastDeadline(DEADLINE_GRACE_MS, after), expire)) +
      (await this.#all(
        'orphaned',
        (after) => sweep.orphans(after),
        ({ id }) => orphans.end(id),
      )) +
      (await this.#all(
        'sealed',
        (after) => sweep.endedUnsealed(SEAL_GRACE_MS, after),
        ({ id }) => sealer.seal(id),
      ));
    metrics.unfinished(failed);
  }

  /** Goes on after those that cannot be finished, however many they are. @returns how many that were */
  async #all(
    kind: string,
    find: (after: GrantId | undefined) => Promise<readonly Unfinished[]>,
    finish: (grant: Unfinished) => Promise<void>,
  ): Promise<number> {
    let failed = 0;
    for (let found = await find(undefined); found.length > 0; found = await find(found.at(-1)?.id)) {
      failed += await this.#each(kind, found, finish);
    }
    return failed;
  }

  /** @returns how many grants could not be finished */
  async #each(
    kind: string,
    grants: readonly Unfinished[],
    finish: (grant: Unfinished) => Promise<void>,
  ): Promise<number> {
    const { log, metrics } = this.#options;
    const waiting = [...grants];
    let failed = 0;
    const work = async (): Promise<void> => {
      for (let grant = waiting.shift(); grant !== undefined; grant = waiting.shift()) {
        try {
          await finish(grant);
          metrics.finished(kind);
        } catch (error) {
          failed += 1;
          const code = brokerErrorOf(error).code;
          log.warn({ grantId: grant.id, kind, code, err: error }, 'a grant could not be finished; it is tried again');
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, grants.length) }, work));
    return failed;
  }
}
