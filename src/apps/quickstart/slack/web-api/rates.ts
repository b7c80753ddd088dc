import { RateRefusal } from '../refusal.js';
import type { Violations } from '../violations.js';

/** How many calls there may be, and how many at once (https://docs.slack.dev/apis/web-api/rate-limits). */
interface Allowance {
  readonly perSecond: number;
  readonly burst: number;
}

/** Tiers are calls a minute; posting has one a second for each channel, with a short burst. */
const TIER_3: Allowance = { perSecond: 50 / 60, burst: 50 };
const TIER_4: Allowance = { perSecond: 100 / 60, burst: 100 };
const ALLOWANCES: Readonly<Record<string, Allowance>> = {
  'chat.update': TIER_3,
  'conversations.history': TIER_3,
  'chat.postEphemeral': TIER_4,
  'users.info': TIER_4,
  'views.open': TIER_4,
};
const POSTS: Allowance = { perSecond: 1, burst: 2 };

interface Filling {
  left: number;
  atMs: number;
  /** Set while a refused caller has to wait. */
  closedUntilMs: number;
}

/** The rate limits: an allowance for each method, and for posting one for each channel. */
export class Rates {
  readonly #fillings = new Map<string, Filling>();

  readonly #nowMs: () => number;
  readonly #violations: Violations;
  readonly #retryAfterSeconds: number;

  constructor(nowMs: () => number, violations: Violations, retryAfterSeconds: number) {
    this.#nowMs = nowMs;
    this.#violations = violations;
    this.#retryAfterSeconds = retryAfterSeconds;
  }

  /** Counts one call. @throws RateRefusal */
  count(method: string, channel: string | undefined): void {
    const isPost = method === 'chat.postMessage';
    const allowance = isPost ? POSTS : ALLOWANCES[method];
    if (allowance === undefined) return;
    const name = isPost ? `${method} ${channel ?? ''}` : method;
    const filling = this.#filled(name, allowance);
    if (filling.closedUntilMs > filling.atMs) {
      this.#violations.note('retry-after', `${name}: called ${filling.closedUntilMs - filling.atMs} ms too early`);
      throw new RateRefusal(Math.ceil((filling.closedUntilMs - filling.atMs) / 1000));
    }
    if (filling.left < 1) this.close(method, channel, this.#retryAfterSeconds);
    filling.left -= 1;
  }

  /** Nobody may call it for so long. @throws RateRefusal */
  close(method: string, channel: string | undefined, seconds: number): never {
    const isPost = method === 'chat.postMessage';
    const filling = this.#filled(isPost ? `${method} ${channel ?? ''}` : method, POSTS);
    // A caller's clock may be some milliseconds before ours: it waited as long as it was told.
    filling.closedUntilMs = filling.atMs + seconds * 1000 - 50;
    throw new RateRefusal(seconds);
  }

  #filled(name: string, { perSecond, burst }: Allowance): Filling {
    const atMs = this.#nowMs();
    const filling = this.#fillings.get(name) ?? { left: burst, atMs, closedUntilMs: 0 };
    filling.left = Math.min(burst, filling.left + ((atMs - filling.atMs) / 1000) * perSecond);
    filling.atMs = atMs;
    this.#fillings.set(name, filling);
    return filling;
  }
}
