import type { MeasuredTricks } from '../../../gateway/gateway-protocol.js';
import type { Access } from '../../sql/access.js';
import { databaseKey, type CatalogSnapshot } from '../../sql/catalog.js';
import type { PolicySubject } from '../../../domain/verdict.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { PolicySet } from '../../../policy/policy-set.js';
import { standingAccess } from '../../sql/policy/standing.js';
import type { AdminConnection } from '../account/admin-connection.js';
import type { AdminPool } from '../account/admin-pool.js';
import { canRollBack } from '../../sql/catalog/can-roll-back.js';
import { UNREAD } from '../../sql/catalog/catalog-watch.js';
import type { GrantCatalog } from '../catalog/shared-catalog.js';
import type { SharedCatalogs } from '../catalog/shared-catalogs.js';
import { adminLogin } from '../account/end-account.js';
import { GrantJudge } from '../judge/grant-judge.js';
import { LockWatch } from '../locks/lock-watch.js';
import type { MysqlOrder } from '../grant-order.js';
import type { ApprovalDesk, GatewayLog, PolicySource } from '../../../gateway/ports.js';
import { Previewer } from '../preview/previewer.js';
import { NO_DOOR } from '../../sql/privileges/no-door.js';
import { PrivilegeDoor } from '../../sql/privileges/privilege-door.js';
import { ACCOUNT_HOST } from '../account/provisioning.js';
import { anyTableOf, TaskPrivileges } from '../account/task-privileges.js';
import { Rehearser } from '../rehearsal/rehearser.js';
import type { SecondOpinion } from '../judge/second-opinion.js';
import { OperationGate } from '../../../gateway/operation-gate.js';
import { GatedStatement, type HoldTools, type SessionStatement } from '../held/gated-statement.js';
import { SessionDoor } from '../held/session-door.js';

/** What all grants of a gateway are guarded with. */
export interface GuardTools {
  readonly policies: PolicySource;
  readonly opinions: Pick<SecondOpinion, 'ask'>;
  readonly desk: ApprovalDesk;
  readonly admins: AdminPool;
  readonly catalogs: SharedCatalogs;
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly tricks: Pick<MeasuredTricks, 'verdictsBy'>;
}

/**
 * What stands between the statements of one grant and its target: the judge, the gate, previews, and the privileges that
 * stand on the target, which follow the policies in force.
 */
export class GrantGuard {
  readonly judge: GrantJudge;
  readonly gate: OperationGate;
  readonly door: SessionDoor;
  readonly locks: LockWatch;
  readonly rehearser: Rehearser;
  /** The policies that were in force when the grant was opened. */
  readonly policyVersion: string;
  readonly #order: MysqlOrder;
  readonly #tools: GuardTools;
  readonly #subject: PolicySubject;
  readonly #catalog: GrantCatalog;
  readonly #previewer: Previewer;
  readonly #holdTools: Omit<HoldTools, 'judge'>;
  #standing: readonly Access[];
  /** What `#standing` was derived from; undefined when it has to be derived again. */
  #standsBy: PolicySet | undefined;
  #catalogVersion: string;
  #restanding: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Learns what the target's catalog is now, and finds out what may stand. To be closed, whether it is started or not.
   * `onStuck`: the task account has more than it should, and the grant must end.
   * @throws BrokerError `policy_unavailable`, `target_unreachable`
   */
  static async prepare(order: MysqlOrder, tools: GuardTools, onStuck: (error: unknown) => void): Promise<GrantGuard> {
    const catalog = tools.catalogs.use(order);
    try {
      const snapshot = await catalog.present(CATALOG_AGE_MS_MAX);
      const policySet = tools.policies.current();
      if (policySet === undefined) throw new BrokerError('policy_unavailable');
      return new GrantGuard({ order, tools, catalog, snapshot, policySet, onStuck });
    } catch (error) {
      await catalog.close();
      throw error;
    }
  }

  private constructor({ order, tools, catalog, snapshot, policySet, onStuck }: Prepared) {
    const { admins, clock, policies, opinions, desk, log } = tools;
    const withAdmin: TargetAdmin = (work) => admins.use(adminLogin(order), work);
    this.#order = order;
    this.#tools = tools;
    this.#subject = subjectOf(order);
    this.#catalog = catalog;
    this.policyVersion = policySet.version;
    this.#catalogVersion = snapshot.version;
    this.#standing = this.#standingBy(policySet, snapshot);
    this.#standsBy = policySet;
    const account = `${order.taskAccount}@${ACCOUNT_HOST}`;
    const { access } = order;
    const { verdictsBy } = tools.tricks;
    this.judge = new GrantJudge({
      subject: this.#subject,
      access,
      account,
      policies,
      opinions,
      catalog,
      clock,
      verdictsBy,
    });
    this.judge.stand(this.#standing);
    this.locks = new LockWatch({ withAdmin, clock });
    const privileges =
      order.target.credentials === 'static'
        ? NO_DOOR
        : new PrivilegeDoor({
            account: new TaskPrivileges(order.taskAccount, withAdmin),
            standing: this.#standing,
            ceiling: order.access,
            lockWaits: () => this.locks.waits(),
            clock,
            onStuck: (error) => {
              if (!this.#isClosed) onStuck(error);
            },
          });
    this.#previewer = new Previewer({ admins, order, catalog, clock });
    this.rehearser = new Rehearser({ order, withAdmin, log });
    this.door = new SessionDoor(privileges, (database) => anyTableOf(withAdmin, database));
    this.#holdTools = {
      privileges: this.door,
      preview: (statement) => this.#previewer.preview(statement),
      canRollBack: (facts) => canRollBack(catalog, facts),
    };
    const { id: grant, deadlineMs, onHold } = order;
    this.gate = new OperationGate({ grant, deadlineMs, onHold, desk, clock, log });
  }

  /** What the task account has for the whole grant. */
  get standing(): readonly Access[] {
    return this.#standing;
  }

  /** Makes of a statement what the gate takes; the one who judged it judges it again. */
  hold(statement: SessionStatement, judge: HoldTools['judge']): GatedStatement {
    return new GatedStatement(statement, { ...this.#holdTools, judge });
  }

  /** The grant is open. */
  start(): void {
    this.#catalog.follow({
      onVersion: (version) => this.#catalogIs(version),
      onOutdated: () => this.judge.catalogIs(UNREAD),
      takeWasAsked: () => this.judge.takeWasAsked(),
    });
  }

  /** Keeps up with the policies in force; called every second. */
  follow(): void {
    const policySet = this.#tools.policies.current();
    if (policySet === undefined || policySet === this.#standsBy || this.#isClosed) return;
    this.#restanding ??= this.#stand(policySet)
      .catch((error: unknown) => {
        this.#tools.log.warn({ grant: this.#order.id, err: error }, 'what stands on the target was not changed yet');
      })
      .finally(() => {
        this.#restanding = undefined;
      });
  }

  /** Resolves when nothing of this works at the target any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([
      this.#catalog.close(),
      this.#previewer.close(),
      this.rehearser.close(),
      this.locks.close(),
      this.#restanding,
    ]);
  }

  #catalogIs(version: string): void {
    this.judge.catalogIs(version);
    if (version !== this.#catalogVersion) this.#standsBy = undefined; // it may depend on the tables that there are
    this.#catalogVersion = version;
  }

  async #stand(policySet: PolicySet): Promise<void> {
    const snapshot = await this.#catalog.snapshot(CATALOG_AGE_MS_MAX);
    const next = this.#standingBy(policySet, snapshot);
    if (JSON.stringify(next) !== JSON.stringify(this.#standing)) {
      this.judge.stand([]); // until it is known what stands, each statement is given what it needs
      await this.door.stand(next);
      this.#standing = next;
      this.judge.stand(next);
    }
    this.#standsBy = policySet;
  }

  #standingBy(policySet: PolicySet, snapshot: CatalogSnapshot): readonly Access[] {
    const { access, target } = this.#order;
    if (target.credentials === 'static') return access;
    return standingAccess(policySet, this.#subject, access, (database) => tablesIn(snapshot, database));
  }
}

const CATALOG_AGE_MS_MAX = 5_000;

type TargetAdmin = <T>(work: (admin: AdminConnection) => Promise<T>) => Promise<T>;

interface Prepared {
  readonly order: MysqlOrder;
  readonly tools: GuardTools;
  readonly catalog: GrantCatalog;
  readonly snapshot: CatalogSnapshot;
  readonly policySet: PolicySet;
  readonly onStuck: (error: unknown) => void;
}

function subjectOf({ principal, target }: MysqlOrder): PolicySubject {
  const { id, name, kind } = principal;
  return {
    principal: { id, name, kind },
    target: { name: target.name, labels: target.labels, flavour: target.report.flavour },
  };
}

function tablesIn(snapshot: CatalogSnapshot, name: string): readonly string[] {
  const wanted = databaseKey(snapshot, name);
  return [...snapshot.tables.values()].flatMap(({ database, table }) =>
    databaseKey(snapshot, database) === wanted ? [table] : [],
  );
}
