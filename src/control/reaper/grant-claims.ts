import type { GrantId } from '../../kernel/brand.js';
import { CLAIM_SECONDS, type GrantSweepRepository } from '../../persistence/grants/grant-sweep.repository.js';

const RENEW_MS = (CLAIM_SECONDS * 1000) / 3;

/** Keeps two workers off one grant: anyone who ends or seals it has a claim on it meanwhile. */
export class GrantClaims {
  constructor(private readonly sweep: GrantSweepRepository) {}

  /** Does the work under a claim that is renewed while it lasts. @returns false when another worker has the claim */
  async with(id: GrantId, work: () => Promise<void>): Promise<boolean> {
    const claim = await this.sweep.claim(id);
    if (claim === undefined) return false;
    // A renewal that fails is repeated; should all fail the claim runs out, and the work is safe to do twice.
    const renewal = setInterval(() => void this.sweep.renewClaim(id, claim).catch(() => undefined), RENEW_MS);
    try {
      await work();
    } finally {
      clearInterval(renewal);
      await this.sweep.releaseClaim(id, claim).catch(() => undefined); // it runs out by itself
    }
    return true;
  }
}
