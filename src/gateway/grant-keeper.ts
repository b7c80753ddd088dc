import { setTimeout as delay } from 'node:timers/promises';
import { CLOSE_ERROR } from '../domain/grant.js';
import type { GatewayId, GrantId } from '../kernel/brand.js';
import type { Clock } from '../kernel/clock.js';
import { BrokerError, brokerErrorOf } from '../kernel/errors.js';
import type { GrantOpener } from './grant-opener.js';
import type { OpenGrant } from './open-grant.js';
import type { GatewayLog, GrantAuthority, GrantOrder } from './ports.js';
import { untilDone } from './until-done.js';

export interface GrantKeeperOptions {
  readonly gatewayId: GatewayId;
  readonly publicHost: string;
  /** The authority of the endpoints' certificates, as clients are handed it. */
  readonly caPem: string;
  readonly leaseMs: number;
  readonly authority: GrantAuthority;
  readonly opener: Pick<GrantOpener, 'prepare'>;
  readonly clock: Clock;
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
 * Claims, opens, holds and ends the grants of this gateway. A grant is opened in steps that each can be taken back: claim,
 * listener, recording, access to the target, active. Whatever fails, nothing half-made stays behind.
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
      for (const grant of this.#open.values()) grant.follow();
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
    const { authority, gatewayId, opener, clock, log } = this.#options;
    const startedUs = clock.monotonicUs();
    // A claim that fails may have taken the grant: its answer may be lost, or the target may have no credential.
    const order = await authority.claim(id, gatewayId).catch((error: unknown) => this.#refuse(id, error));
    if (order === undefined) return;
    const grant = await opener
      .prepare(order, (why) => this.#broken(order, why))
      .catch((error: unknown) => this.#refuse(id, error));
    try {
      await grant.makeAccess();
    } catch (error) {
      return await this.#takeBack(grant, error);
    }
    await this.#activate(grant);
    log.info({ grant: id, ms: (clock.monotonicUs() - startedUs) / 1000 }, 'grant opened');
  }

  /** Does not wait for the state database. */
  #broken({ id }: GrantOrder, why: unknown): void {
    this.#options.log.error({ grant: id, err: why }, 'the grant cannot be held any longer; it ends');
    this.#options.authority.beginClose(id, 'failed').catch(() => false);
    this.#open.get(id)?.end('failed', null, CLOSE_ERROR.failed);
  }

  async #activate(grant: OpenGrant): Promise<void> {
    const { authority, publicHost, caPem } = this.#options;
    const { id } = grant.order;
    this.#keep(grant);
    grant.start();
    try {
      const active = await authority.activate(id, { host: publicHost, port: grant.port, caPem });
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

  /** The access could not be made, or not whole. Nothing ran, so when it is gone again nothing is left to keep. */
  async #takeBack(grant: OpenGrant, error: unknown): Promise<never> {
    const { order } = grant;
    try {
      await grant.abandon();
    } catch (cause) {
      this.#options.log.error({ grant: order.id, err: cause }, 'a grant that failed to open is still being taken back');
      this.#keep(grant);
      await this.#options.authority.beginClose(order.id, 'failed').catch(() => false);
      grant.end('failed', null, CLOSE_ERROR.failed);
      throw brokerErrorOf(error, 'open_failed');
    }
    return await this.#refuse(order.id, error);
  }

  async #refuse(id: GrantId, error: unknown): Promise<never> {
    const { authority, log } = this.#options;
    const fault = brokerErrorOf(error, 'open_failed');
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
