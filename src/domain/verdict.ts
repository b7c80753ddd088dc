import type { HoldTerms } from './approval.js';

export const VERDICTS = ['allow', 'hold', 'deny'] as const;
/** The policy's answer: it runs, it waits for people, or it does not run. */
export type Verdict = (typeof VERDICTS)[number];

/** Who asks for what, as policies see it. */
export interface PolicySubject {
  readonly principal: { readonly id: string; readonly name: string; readonly kind: string };
  readonly target: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    /** Which server speaks the target's protocol: `mariadb`. */
    readonly flavour: string;
  };
}

export interface PolicyVerdict {
  readonly verdict: Verdict;
  /** `<policy name>#<policy id>` of the policies that led to it, sorted; empty when nothing permits it. */
  readonly policies: readonly string[];
  /** With verdict `hold`. */
  readonly hold: HoldTerms | null;
  /** How long others may wait for the locks of its transaction, where it is allowed by a policy that says so. */
  readonly transactionHoldSeconds?: number;
  /** Plain words for anyone who is told: why it is held or denied. Empty when it is allowed. */
  readonly why: string;
}
