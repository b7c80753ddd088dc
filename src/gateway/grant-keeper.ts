import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../protocols/sql/access.js';
import { CLOSE_ERROR } from '../domain/grant.js';
import type { GatewayId, GrantId } from '../kernel/brand.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError } from '../kernel/errors.js';
import { RecordingWriter, type Durability } from '../recording/write/writer.js';
import type { RecordingLimits } from '../recording/entries/limits.js';
import { type MysqlOrder, mysqlOrderOf } from '../protocols/mysql/grant-order.js';
import { credentialVerifierIn } from '../protocols/mysql/verifier.js';
import type { CredentialVerifier } from '../protocols/mysql/wire/login/auth.js';
import type { AdminPool } from '../protocols/mysql/account/admin-pool.js';
import type { BusyPoll } from './busy-poll.js';
import type { EndpointTls } from './certificate-authority.js';
import { Endpoint, type EndpointLimits } from './endpoint.js';
import { grantOpenedEntry } from './grant-opened.js';
import { GrantRecorder, type DiskRoom } from './grant-recorder.js';
import { adminLogin, endGrantOnTarget } from '../protocols/mysql/account/end-account.js';
import { OpenGrant } from './open-grant.js';
import type { GrantStatements } from '../protocols/mysql/judge/grant-statements.js';
import type { GatewayLog, GrantAuthority } from './ports.js';
import type { Listening, PortPool } from './port-pool.js';
import type { StatementMeter } from './statement-meter.js';
import { dialectOf } from '../protocols/mysql/sql/text/dialect.js';
import { createTaskAccount, killRunningStatement, threadOfQuery } from '../protocols/mysql/account/task-account.js';
import { TargetLoginRefused } from '../protocols/mysql/login/target-connection.js';
import { TargetDoor } from '../protocols/mysql/login/target-door.js';
import { untilDone } from './until-done.js';

export interface GrantKeeperOptions {
  readonly gatewayId: GatewayId;
  readonly publicHost: string;
  readonly leaseMs: number;
  readonly authority: GrantAuthority;
  readonly admins: AdminPool;
  readonly ports: PortPool;
  /** Judges and holds the statements of one grant. `onStuck`: its account has more than it should. */
  readonly statementsOf: (order: MysqlOrder, onStuck: (error: unknown) => void) => Promise<GrantStatements>;
  readonly clock: Clock;
  readonly disk: DiskRoom;
  readonly tls: EndpointTls;
  readonly tlsRequired: boolean;
  readonly limits: EndpointLimits;
  readonly meter: StatementMeter;
  /** One for all sessions: they share the event loop. */
  readonly poll: Pick<BusyPoll, 'arrived'>;
  readonly recordings: {
    readonly liveDirectory: (id: GrantId) => string;
    readonly durability: Durability;
    readonly limits: Partial<RecordingLimits>;
    readonly discard: (id: GrantId) => Promise<void>;
  };
  readonly log: GatewayLog;
  /** For how long this gateway still drains; null while it takes new grants. */
  readonly drainMsLeft: () => number | null;
  /** An operator asked this gateway to drain; told again and again until it does. */
  readonly onDrainAsked: (by: string) => void;
  /** The lease is gone and with it all grants; the process has nothing left to do. */
  readonly onLeaseLost: () => void;
}

const LOOK_EVERY_MS = 1_000;
const REFUSAL_WAIT_MS = 3_000;
/**
 * Connections that the system keeps until they are accepted. Not the number of sessions: a client that the system drops
 * here believes that it is connected, and waits for a greeting that never comes. Too many are turned away with an answer.
 */
const ACCEPT_BACKLOG = 511;

/**
 * Opens, holds and ends the grants of this gateway. A grant is opened in steps that each can be taken back: claim,
 * listener, recording, account, active. Whatever fails, nothing half-made stays behind.
 */
export class GrantKeeper {
  readonly #options: GrantKeeperOptions;
  readonly #open = new Map<GrantId, OpenGrant>();
  readonly #opening = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #leaseRenewedMs: number;
  #looking: Promise<void> | undefined;
  /** Of grants that have ended. */
  #recordedBytes = 0;
  #stopping = false;

  constructor(options: GrantKeeperOptions) {
    this.#options = options;
    this.#leaseRenewedMs = options.clock.monotonicUs() / 1000;
    this.#timer = setInterval(() => {
      this.look();
      for (const grant of this.#open.values()) grant.statements.follow();
    }, LOOK_EVERY_MS);
  }

  /** Grants that are open or still ending. */
  get grantCount(): number {
    return this.#open.size;
  }

  get sessionCount(): number {
    let count = 0;
    for (const grant of this.#open.values()) count += grant.sessionCount;
    return count;
  }

  /** Bytes that were written to recordings since the start. */
  get recordedBytes(): number {
    let bytes = this.#recordedBytes;
    for (const grant of this.#open.values()) bytes += grant.recordedBytes;
    return bytes;
  }

  /** How long ago the lease was renewed last. */
  get leaseAgeMs(): number {
    return this.#options.clock.monotonicUs() / 1000 - this.#leaseRenewedMs;
  }

  /**
   * Opens a requested grant. Does nothing for one that another gateway took or that is no longer requested.
   * @throws BrokerError why it could not be opened; the grant is refused then
   */
  async open(id: GrantId): Promise<void> {
    if (this.#stopping) throw new BrokerError('gateway_stopping');
    const work = this.#claimAndOpen(id);
    this.#opening.add(work);
    try {
      await work;
    } finally {
      this.#opening.delete(work);
    }
  }

  /** Renews the lease and ends what someone asked to end; called every second, and at once when a message says so. */
  look(): void {
    this.#looking ??= this.#renewAndClose().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Resolves when no grant is open any more, of those that are open or being opened now. */
  async untilEmpty(): Promise<void> {
    await Promise.allSettled(this.#opening);
    await Promise.all([...this.#open.values()].map((grant) => grant.ended));
  }

  /** Ends all grants as drained and resolves when nothing of them is left, or the target or state could not be reached in time. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled(this.#opening);
    const all = Promise.all(
      [...this.#open.values()].map(async (grant) => {
        await this.#options.authority.beginClose(grant.order.id, 'drained').catch(() => false);
        grant.end('drained', null, CLOSE_ERROR.drained);
        await grant.ended;
      }),
    );
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([all, timeout]);
    clearTimeout(timer);
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #claimAndOpen(id: GrantId): Promise<void> {
    const { authority, gatewayId, clock, log } = this.#options;
    const startedUs = clock.monotonicUs();
    // A claim that fails may have been taken all the same: an answer that was lost, a target without its credential.
    const claimed = await authority.claim(id, gatewayId).catch((error: unknown) => this.#refuse(id, error));
    if (claimed === undefined) return;
    const order = mysqlOrderOf(claimed);
    const password = newAccountPassword();
    const grant = await this.#prepare(order, password).catch((error: unknown) => this.#refuse(id, error));
    try {
      await this.#makeAccount(order, grant.statements.standing, password);
    } catch (error) {
      return await this.#takeBack(grant, error);
    }
    await this.#activate(grant);
    log.info({ grant: id, ms: (clock.monotonicUs() - startedUs) / 1000 }, 'grant opened');
  }

  /** Recording and listener: all of a grant that is on this machine. Nobody has its credential yet. */
  async #prepare(order: MysqlOrder, password: string): Promise<OpenGrant> {
    const { clock, ports, statementsOf, tls, tlsRequired, limits, poll, admins, disk, authority, log, recordings } =
      this.#options;
    if (!disk.hasRoom) throw new BrokerError('recording_unavailable', { detail: 'There is too little space.' });
    const statements = await statementsOf(order, (error) => this.#stuck(order, error));
    const { server, port, writer } = await this.#place(order, statements.policyVersion).catch(
      async (error: unknown) => {
        await statements.close();
        throw error;
      },
    );
    const recorder = new GrantRecorder(writer, disk, this.#options.meter);
    const account = { username: order.taskAccount, password };
    const isStatic = order.target.credentials === 'static';
    const endpoint = new Endpoint(server, {
      order,
      targetLogin: isStatic ? order.target.login : account,
      door: isStatic || order.target.report.flavour === 'mysql' ? undefined : this.#doorOf(order, account),
      recorder,
      dialect: dialectOf({ ...order.target.report, sqlMode: '' }),
      judge: statements.judge,
      statements,
      locks: statements.locks,
      rehearser: statements.rehearser,
      clock,
      tls,
      tlsRequired,
      limits,
      poll,
      verifier: this.#verifierOf(order.id),
      log,
      killRunning: (thread) => admins.use(adminLogin(order), (admin) => killRunningStatement(admin, thread)),
      keepFor: (server, onLate) => ports.keepFor(server, onLate),
      threadOfQuery: (query) => admins.use(adminLogin(order), (admin) => threadOfQuery(admin, query)),
    });
    return new OpenGrant({
      order,
      port,
      endpoint,
      statements,
      recorder,
      writer,
      clock,
      log,
      endAccount: (traces) => admins.use(adminLogin(order), (admin) => endGrantOnTarget(admin, order, traces)),
      markEnded: async (reason) => {
        await authority.beginClose(order.id, reason); // the state database may have been away when the end began
        await authority.ended(order.id);
      },
      beginClose: (reason) => authority.beginClose(order.id, reason),
      discardRecording: () => recordings.discard(order.id),
    });
  }

  async #place(order: MysqlOrder, policyVersion: string): Promise<Listening & { readonly writer: RecordingWriter }> {
    const listening = await this.#options.ports.listen(ACCEPT_BACKLOG);
    try {
      return { ...listening, writer: await this.#createRecording(order, policyVersion) };
    } catch (error) {
      listening.server.close();
      throw error;
    }
  }

  #doorOf(order: MysqlOrder, account: { readonly username: string; readonly password: string }): TargetDoor {
    const { admins, log } = this.#options;
    return new TargetDoor({
      account,
      withAdmin: (work) => admins.use(adminLogin(order), work),
      onIntruder: () => {
        log.error({ grant: order.id }, 'the task account was used past the gateway; the grant ends');
        this.#fail(order);
      },
    });
  }

  #stuck(order: MysqlOrder, error: unknown): void {
    const { log } = this.#options;
    log.error({ grant: order.id, err: error }, 'privileges could not be taken from the task account; the grant ends');
    this.#fail(order);
  }

  /** Does not wait for the state database. */
  #fail({ id }: MysqlOrder): void {
    this.#options.authority.beginClose(id, 'failed').catch(() => false);
    this.#open.get(id)?.end('failed', null, CLOSE_ERROR.failed);
  }

  async #createRecording(order: MysqlOrder, policyVersion: string): Promise<RecordingWriter> {
    const { clock, gatewayId, recordings } = this.#options;
    const writer = await RecordingWriter.create({
      directory: recordings.liveDirectory(order.id),
      clock,
      durability: recordings.durability,
      limits: recordings.limits,
    });
    writer.append(grantOpenedEntry(order, gatewayId, policyVersion));
    writer.flushNow();
    return writer;
  }

  async #makeAccount(order: MysqlOrder, standing: readonly Access[], password: string): Promise<void> {
    if (order.target.credentials === 'static') return;
    const { admins, clock } = this.#options;
    await admins.use(adminLogin(order), (admin) =>
      createTaskAccount(admin, {
        name: order.taskAccount,
        password,
        access: order.access,
        standing,
        sessionsMax: order.sessionsMax,
        statementSecondsMax: Math.max(1, Math.ceil((order.deadlineMs - clock.nowMs()) / 1000)),
        tlsMode: order.target.endpoint.tls.mode,
      }),
    );
  }

  async #activate(grant: OpenGrant): Promise<void> {
    const { authority, publicHost, tls } = this.#options;
    const { id } = grant.order;
    this.#keep(grant);
    grant.start();
    try {
      const active = await authority.activate(id, { host: publicHost, port: grant.port, caPem: tls.caPem });
      if (!active) this.look(); // it was closed while it was being opened: the list of what to close has it
    } catch (error) {
      grant.end('failed', null, CLOSE_ERROR.failed);
      throw error;
    }
  }

  #keep(grant: OpenGrant): void {
    const { id } = grant.order;
    this.#open.set(id, grant);
    void grant.ended.then(() => {
      this.#open.delete(id);
      this.#recordedBytes += grant.recordedBytes;
    });
  }

  /** Asks the state database once; a credential does not change after it was shown. */
  #verifierOf(id: GrantId): () => Promise<CredentialVerifier | undefined> {
    let known: CredentialVerifier | undefined;
    return async () => {
      if (known !== undefined) return known;
      const verifier = await this.#options.authority.credentialVerifier(id);
      known = verifier && credentialVerifierIn(verifier);
      return known;
    };
  }

  /** The account could not be made, or not whole. Nothing ran, so when it is gone again nothing is left to keep. */
  async #takeBack(grant: OpenGrant, error: unknown): Promise<never> {
    const { order } = grant;
    try {
      await grant.abandon();
    } catch (cause) {
      this.#options.log.error({ grant: order.id, err: cause }, 'a grant that failed to open is still being taken back');
      this.#keep(grant);
      await this.#options.authority.beginClose(order.id, 'failed').catch(() => false);
      grant.end('failed', null, CLOSE_ERROR.failed);
      throw asOpenFault(error);
    }
    return await this.#refuse(order.id, error);
  }

  async #refuse(id: GrantId, error: unknown): Promise<never> {
    const { authority, log } = this.#options;
    const fault = asOpenFault(error);
    log.warn({ grant: id, code: fault.code, err: error }, 'grant could not be opened');
    const refusal = untilDone(
      () => authority.refuse(id, fault.code, fault.detail),
      (cause, tries) => log.warn({ grant: id, tries, err: cause }, 'the refusal of a grant is not stored yet'),
    );
    await Promise.race([refusal, delay(REFUSAL_WAIT_MS, undefined, { ref: false })]);
    throw fault;
  }

  async #renewAndClose(): Promise<void> {
    const { authority, gatewayId, clock, leaseMs, log, drainMsLeft, onDrainAsked } = this.#options;
    const askedMs = clock.monotonicUs() / 1000;
    try {
      const { closing, drainAskedBy } = await authority.renewLease(gatewayId, drainMsLeft());
      this.#leaseRenewedMs = askedMs;
      if (drainAskedBy !== undefined) onDrainAsked(drainAskedBy);
      for (const { id, reason, by } of closing) this.#open.get(id)?.end(reason, by, CLOSE_ERROR[reason]);
    } catch (error) {
      log.warn({ err: error }, 'the lease could not be renewed');
      const isGivenUp = error instanceof BrokerError && error.code === 'gateway_stopping';
      if (isGivenUp || this.leaseAgeMs >= leaseMs) await this.#forsakeAll();
    }
  }

  /** Others may hold these grants for abandoned by now and end them; two must not write one recording. */
  async #forsakeAll(): Promise<void> {
    this.#stopping = true;
    this.#options.log.error(
      { grants: this.#open.size },
      'the lease is gone; the reaper ends the grants of this gateway',
    );
    await Promise.all([...this.#open.values()].map((grant) => grant.forsake()));
    this.#options.onLeaseLost();
  }
}

/** Who asked for the grant is told less than an operator who looks at it. */
function asOpenFault(error: unknown): BrokerError {
  if (error instanceof TargetLoginRefused) return error.forOperators;
  return error instanceof BrokerError ? error : new BrokerError('open_failed', { cause: error });
}

/** 32 characters, with each kind that a server's password policy may ask for. */
function newAccountPassword(): string {
  return `aA1-${randomBytes(21).toString('base64url')}`;
}
