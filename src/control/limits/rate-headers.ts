import type { BucketAnswer, BucketSize } from '../../domain/bucket.js';
import type { AllowanceName } from './allowances.js';

/**
 * `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/): quota `q` in `w` seconds; `r` are left, and
 * until `t` seconds are over no more than these.
 */
export function policyItem(name: AllowanceName, { units, periodMs }: BucketSize): string {
  return `"${name}";q=${units};w=${Math.ceil(periodMs / 1000)}`;
}

export function limitItem(name: AllowanceName, { left, nextMs }: Pick<BucketAnswer, 'left' | 'nextMs'>): string {
  return `"${name}";r=${left};t=${secondsUntil(nextMs)}`;
}

/** Whole seconds, never too few: anyone who comes back then finds a unit. */
export function secondsUntil(ms: number): number {
  return Math.ceil(ms / 1000);
}
