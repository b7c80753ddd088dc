import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ApiConfig } from '../../config/api.js';
import type { BucketSize } from '../../domain/bucket.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { sizeOf } from './allowances.js';
import { BucketStore } from './bucket-store.js';
import { countedAddress } from './counted-address.js';
import { LimitRefusal } from './limit-refusal.js';
import { RecentTimes } from './recent-times.js';

const REMEMBERED_MAX = 20_000;
/** A credential that worked so long ago at most is let through from an address where others fail. */
const PROVEN_MS = 3_600_000;
/** With `Authorization` a session that has ended is one of the command line's. */
const FAILURES: readonly ErrorCode[] = ['unauthenticated', 'token_refused', 'session_ended'];

/**
 * Lets nobody guess without end. What fails is counted for its address, and never for the name that somebody tries: no one
 * can keep a person out by failing in their name. Nor by failing from their address: a credential that worked lately works on.
 */
@Injectable()
export class FailureLimit {
  readonly #signIns: BucketSize | undefined;
  readonly #credentials: BucketSize | undefined;
  /** Until when an address may not try credentials: known without a way to Redis. */
  readonly #closed: RecentTimes;
  /** When a credential worked last, by its hash. */
  readonly #proven: RecentTimes;

  constructor(
    private readonly store: BucketStore,
    private readonly refusal: LimitRefusal,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(API_CONFIG) config: ApiConfig,
  ) {
    this.#signIns = sizeOf('sign-in-failures', config);
    this.#credentials = sizeOf('credential-failures', config);
    this.#closed = new RecentTimes(REMEMBERED_MAX);
    this.#proven = new RecentTimes(REMEMBERED_MAX);
  }

  /**
   * Runs what looks at the credential in the header Authorization, unless too many from its address have failed.
   * @throws BrokerError `too_many_requests`, before any work is done for the credential; or what `look` throws
   */
  async whileTrying<T>(request: Request, response: Response, look: () => Promise<T>): Promise<T> {
    const { authorization } = request.headers;
    if (authorization === undefined || this.#credentials === undefined) return look();
    const credential = createHash('sha256').update(authorization).digest('base64');
    const address = countedAddress(request);
    this.#requireOpen(address, credential, { response, size: this.#credentials });
    try {
      const found = await look();
      this.#proven.set(credential, this.#nowMs());
      return found;
    } catch (error) {
      if (error instanceof BrokerError && FAILURES.includes(error.code)) {
        this.#proven.delete(credential);
        await this.#countFailed(address, { response, size: this.#credentials });
      }
      throw error;
    }
  }

  /** @throws BrokerError `too_many_requests` when too many sign-ins from this address have failed */
  async requireSignInOpen(request: Request, response: Response): Promise<void> {
    if (this.#signIns === undefined) return;
    const answer = await this.store.take('sign-in-failures', countedAddress(request), this.#signIns, 0);
    if (answer.left < 1) this.refusal.refuse(response, 'sign-in-failures', this.#signIns, answer);
  }

  /** After a sign-in failed: it tells its own reason, and the next ones from its address may have to wait. */
  async signInFailed(request: Request): Promise<void> {
    if (this.#signIns !== undefined) {
      await this.store.take('sign-in-failures', countedAddress(request), this.#signIns);
    }
  }

  #requireOpen(address: string, credential: string, { response, size }: Refusing): void {
    const nextMs = (this.#closed.get(address) ?? 0) - this.#nowMs();
    if (nextMs <= 0) return;
    const provenMs = this.#proven.get(credential);
    if (provenMs !== undefined && this.#nowMs() - provenMs < PROVEN_MS) return;
    this.refusal.refuse(response, 'credential-failures', size, { nextMs });
  }

  async #countFailed(address: string, { response, size }: Refusing): Promise<void> {
    const answer = await this.store.take('credential-failures', address, size);
    if (answer.isTaken) return;
    this.#closed.set(address, this.#nowMs() + answer.nextMs);
    this.refusal.refuse(response, 'credential-failures', size, answer);
  }

  #nowMs(): number {
    return this.clock.monotonicUs() / 1000;
  }
}

interface Refusing {
  readonly response: Response;
  readonly size: BucketSize;
}
