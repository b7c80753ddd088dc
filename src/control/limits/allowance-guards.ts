import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  getOptionsToken,
  getStorageToken,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
  ThrottlerStorage,
} from '@nestjs/throttler';
import type { Response } from 'express';
import type { BucketSize } from '../../domain/bucket.js';
import { BrokerError } from '../../kernel/errors.js';
import { isPartOfPage } from '../sign-in/browser/navigation.js';
import { isAllowance } from './allowances.js';
import { needsNoCaller, requestOf, routeAllowance } from './allowance-options.js';
import { FailureLimit } from './failure-limit.js';
import { LimitRefusal } from './limit-refusal.js';
import { limitItem, policyItem } from './rate-headers.js';

/** Counts a call in the buckets of its route. @throws BrokerError `too_many_requests` */
@Injectable()
export abstract class AllowanceGuard extends ThrottlerGuard {
  constructor(
    @Inject(getOptionsToken()) options: ThrottlerModuleOptions,
    @Inject(getStorageToken()) store: ThrottlerStorage,
    reflector: Reflector,
    private readonly refusal: LimitRefusal,
  ) {
    super(options, store, reflector);
  }

  /** Whether this guard counts by what stands in the request alone. */
  protected abstract readonly isBeforeCaller: boolean;

  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    this.throttlers = this.throttlers.filter(({ name = '' }) => needsNoCaller(name) === this.isBeforeCaller);
  }

  protected override async handleRequest({ context, limit, ttl, throttler, getTracker }: ThrottlerRequest) {
    const { name = '' } = throttler;
    if (!isAllowance(name)) return true;
    const size: BucketSize = { units: limit, periodMs: ttl };
    const response = context.switchToHttp().getResponse<Response>();
    const owner = await getTracker(requestOf(context), context);
    const { isBlocked, totalHits, timeToExpire } = await this.storageService.increment(owner, ttl, limit, 0, name);
    const answer = { left: limit - totalHits, nextMs: timeToExpire * 1000 };
    if (isBlocked) this.refusal.refuse(response, name, size, answer);
    // A browser that is sent on should not wait before it follows: addresses are told of limits only when they meet one.
    if (!this.isBeforeCaller) {
      response.append('RateLimit-Policy', policyItem(name, size));
      response.append('RateLimit', limitItem(name, answer));
    }
    return true;
  }
}

/** Before anybody knows who calls, and before any work is done to find out: limits of addresses and identity providers. */
@Injectable()
export class AddressGuard extends AllowanceGuard {
  protected readonly isBeforeCaller = true;

  constructor(
    @Inject(getOptionsToken()) options: ThrottlerModuleOptions,
    @Inject(getStorageToken()) store: ThrottlerStorage,
    reflector: Reflector,
    refusal: LimitRefusal,
    private readonly failures: FailureLimit,
  ) {
    super(options, store, reflector, refusal);
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const allowance = routeAllowance(context);
    if (allowance !== undefined && DEVICE.includes(allowance) && isPartOfPage(requestOf(context))) {
      throw new BrokerError('cross_site_refused', { detail: OF_PROGRAMS });
    }
    if (allowance !== undefined && SIGN_IN.includes(allowance)) {
      if (isPartOfPage(requestOf(context))) throw new BrokerError('cross_site_refused', { detail: NOT_VISITED });
      await this.failures.requireSignInOpen(requestOf(context), context.switchToHttp().getResponse<Response>());
    }
    return super.canActivate(context);
  }
}

/** After the caller is known: limits of principals, keys, sessions and tokens. */
@Injectable()
export class CallerGuard extends AllowanceGuard {
  protected readonly isBeforeCaller = false;

  constructor(
    @Inject(getOptionsToken()) options: ThrottlerModuleOptions,
    @Inject(getStorageToken()) store: ThrottlerStorage,
    reflector: Reflector,
    refusal: LimitRefusal,
  ) {
    super(options, store, reflector, refusal);
  }
}

const SIGN_IN: readonly string[] = ['sign-in-starts', 'sign-in-callbacks', 'first-links'];
const DEVICE: readonly string[] = ['device-starts', 'device-polls'];
const OF_PROGRAMS = 'A browser loads it for a page. This call is for programs.';
const NOT_VISITED = 'A browser loads it as a part of a page. Signing in begins and ends with a page of its own.';
