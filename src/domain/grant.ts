/** `requested → active → closing → sealed`, and `refused`. Why a grant closed is a field, not a state. */
export const GRANT_STATES = ['requested', 'active', 'closing', 'sealed', 'refused'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

/** `drained`: its gateway was stopped and could not wait for it any longer. */
export const CLOSE_REASONS = ['completed', 'expired', 'revoked', 'drained', 'failed'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** What a held statement of a grant does: its client waits, or is answered at once with an error that names the approval. */
export const ON_HOLD = ['wait', 'error'] as const;
export type OnHold = (typeof ON_HOLD)[number];

/** Rules that the access of a grant may have. */
export const ACCESS_RULES_MAX = 20;
/** No target may allow more. */
export const TTL_SECONDS_MAX = 86_400;

/** The states a state may be reached from; the WHERE clause of every change of state is built from this table. */
export const GRANT_TRANSITIONS: Readonly<Record<GrantState, readonly GrantState[]>> = {
  requested: [],
  active: ['requested'],
  // From requested: revoked, or its gateway died, before it became active.
  closing: ['requested', 'active'],
  sealed: ['closing'],
  refused: ['requested'],
};

export const FINAL_GRANT_STATES: readonly GrantState[] = ['sealed', 'refused'];

export function isFinal(state: GrantState): boolean {
  return FINAL_GRANT_STATES.includes(state);
}

/** What a client is told when its grant closes under it. */
export const CLOSE_ERROR = {
  completed: 'grant_completed',
  expired: 'grant_expired',
  revoked: 'grant_revoked',
  drained: 'grant_drained',
  failed: 'grant_failed',
} as const satisfies Record<CloseReason, string>;
