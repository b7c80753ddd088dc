/** Why nothing went out, or why there is no answer that can be used. */
export const EGRESS_REASONS = [
  'origin_not_configured',
  'not_encrypted',
  'private_address',
  'name_unknown',
  'connection_failed',
  'tls_untrusted',
  'too_slow',
  'redirect',
  'too_large',
  'compressed',
  'status',
] as const;
export type EgressReason = (typeof EGRESS_REASONS)[number];

/** How a part of the way out says that it goes no further. */
export class EgressRefusal extends Error {
  constructor(
    readonly reason: EgressReason,
    cause?: unknown,
  ) {
    super(reason, { cause });
    this.name = 'EgressRefusal';
  }
}
