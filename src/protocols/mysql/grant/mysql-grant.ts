import type { Socket } from 'node:net';
import type { GatewayTools, GrantTarget, SessionHost } from '../../../gateway/gateway-protocol.js';
import type { EndOfAccess } from '../../../recording/entries/entries.js';
import type { MysqlOrder } from '../grant-order.js';
import type { BrokerError } from '../../../kernel/errors.js';
import type { AdminConnection } from '../account/admin-connection.js';
import type { AdminPool } from '../account/admin-pool.js';
import { adminLogin, endGrantOnTarget } from '../account/end-account.js';
import { newPassword } from '../account/password.js';
import { createTaskAccount } from '../account/task-account.js';
import { killRunningStatement, threadOfQuery } from '../account/threads.js';
import type { StatementJudge } from '../judge/judgement.js';
import { MysqlArrival, type ArrivalGrant, type SessionLogin } from '../login/mysql-arrival.js';
import { connectTarget, type TargetConnection, type TargetSessionLogin } from '../login/target-connection.js';
import { RecentStatements } from '../held/recent-statements.js';
import { AccountLatch } from '../login/account-latch.js';
import type { SessionPeers } from '../session/session-kill.js';
import { Session } from '../session/session.js';
import { XaMemory } from '../session/xa/xa-memory.js';
import type { Kill } from '../sql/session/kill.js';
import { dialectOf } from '../sql/text/dialect.js';
import { forOperators } from './for-operators.js';
import type { GrantGuard } from './grant-guard.js';

export interface MysqlGrantOptions {
  readonly order: MysqlOrder;
  readonly tools: GatewayTools;
  readonly admins: AdminPool;
  /** Judges and holds the grant's statements. */
  readonly guard: Pick<
    GrantGuard,
    'gate' | 'door' | 'hold' | 'locks' | 'rehearser' | 'policyVersion' | 'standing' | 'start' | 'follow' | 'close'
  > & { readonly judge: StatementJudge };
  /** The task account was used past the gateway, so the grant must end. */
  readonly onIntruder: (why: BrokerError) => void;
}

/** High, so that a client which kills "its connection" by this id never hits one of the target's own ids. */
const CONNECTION_ID_BASE = 0x4000_0000;

/** One grant on a MySQL or MariaDB server: its account there, the logins to it, and its sessions as they reach each other. */
export class MysqlGrant implements GrantTarget, ArrivalGrant, SessionPeers {
  readonly order: MysqlOrder;
  readonly tools: GatewayTools;
  readonly policyVersion: string;
  readonly #options: MysqlGrantOptions;
  /** Of the task account, which only the gateway logs in to. */
  readonly #password = newPassword();
  /** Stands between a session and its login at the target; absent where the account needs no watching. */
  readonly #latch: AccountLatch | undefined;
  readonly #sessions = new Set<Session>();
  /** The target's ids of connections that are not closed yet. */
  readonly #threads = new Set<number>();
  readonly #xa = new XaMemory();
  readonly #recent = new RecentStatements();
  #connections = 0;

  constructor(options: MysqlGrantOptions) {
    const { order, tools, guard, onIntruder } = options;
    this.#options = options;
    this.order = order;
    this.tools = tools;
    this.policyVersion = guard.policyVersion;
    if (order.target.credentials === 'dynamic' && order.target.report.flavour === 'mariadb') {
      this.#latch = new AccountLatch({
        account: this.#targetAccount,
        withAdmin: (work) => this.#withAdmin(work),
        onIntruder,
      });
    }
  }

  get door(): GrantGuard['door'] {
    return this.#options.guard.door;
  }

  async makeAccess(): Promise<void> {
    const { order, tools, guard } = this.#options;
    if (order.target.credentials === 'static') return;
    const secondsLeft = Math.ceil((order.deadlineMs - tools.clock.nowMs()) / 1000);
    await forOperators(() =>
      this.#withAdmin((admin) =>
        createTaskAccount(admin, {
          name: order.taskAccount,
          password: this.#password,
          access: order.access,
          standing: guard.standing,
          sessionsMax: order.sessionsMax,
          statementSecondsMax: Math.max(1, secondsLeft),
          tlsMode: order.target.endpoint.tls.mode,
        }),
      ),
    );
  }

  start(): void {
    this.#options.guard.start();
  }

  follow(): void {
    this.#options.guard.follow();
  }

  receive(client: Socket, host: SessionHost): MysqlArrival {
    this.#connections += 1;
    return new MysqlArrival(client, { grant: this, host, connectionId: CONNECTION_ID_BASE + this.#connections });
  }

  close(): Promise<void> {
    return this.#options.guard.close();
  }

  endAccess(): Promise<EndOfAccess> {
    const traces = { xaIds: this.#xa.ids, threads: [...this.#threads] };
    return this.#withAdmin((admin) => endGrantOnTarget(admin, this.order, traces));
  }

  // What its connections use

  connect(login: Omit<TargetSessionLogin, 'username' | 'password'>): Promise<TargetConnection> {
    const { endpoint } = this.order.target;
    const timeoutMs = this.tools.limits.targetConnectMs;
    const dial = () => connectTarget(endpoint, { ...login, ...this.#targetAccount }, timeoutMs);
    return this.#latch === undefined ? dial() : this.#latch.logIn(dial);
  }

  makeSession(login: SessionLogin): Session {
    const { order, tools, guard } = this.#options;
    const { judge, gate, door, locks, rehearser } = guard;
    const { clock, limits, poll, tricks, log } = tools;
    return new Session({
      ...login,
      peers: this,
      dialect: dialectOf({ ...order.target.report, sqlMode: '' }),
      deadlineMs: order.deadlineMs,
      judge,
      gate,
      door,
      hold: (statement) => guard.hold(statement, guard.judge),
      locks,
      rehearser,
      xa: this.#xa,
      recent: this.#recent,
      clock,
      limits,
      poll,
      sockets: tricks.sockets,
      killRunning: (thread) => this.#withAdmin((admin) => killRunningStatement(admin, thread)),
      onViolation: (session, detail) =>
        log.error({ grant: order.id, target: order.target.name, session, detail }, 'the target broke the protocol'),
    });
  }

  keep(session: Session, { greeting, socket }: TargetConnection): void {
    const { threadId } = greeting;
    this.#sessions.add(session);
    this.#threads.add(threadId);
    socket.once('close', () => this.#threads.delete(threadId));
    void session.ended.then(() => this.#sessions.delete(session));
  }

  async kill(id: number, what: Kill['what']): Promise<boolean> {
    const called = [...this.#sessions].find((session) => session.isCalled(id));
    await called?.kill(what);
    return called !== undefined;
  }

  threadOfQuery(id: number): Promise<number | undefined> {
    return this.#withAdmin((admin) => threadOfQuery(admin, id));
  }

  get #targetAccount(): Pick<TargetSessionLogin, 'username' | 'password'> {
    const { target, taskAccount } = this.order;
    return target.credentials === 'static' ? target.login : { username: taskAccount, password: this.#password };
  }

  #withAdmin<T>(work: (admin: AdminConnection) => Promise<T>): Promise<T> {
    return this.#options.admins.use(adminLogin(this.order), work);
  }
}
