import { EGRESS_REASONS } from '../egress/egress-refusal.js';
import { BrokerError } from '../kernel/errors.js';

/** Why an identity provider's answer did not come, or cannot be used; in the log and in the error's field `reason`. */
export const UNAVAILABLE_REASONS = [
  ...EGRESS_REASONS,
  'not_json',
  'duplicate_member',
  'other_issuer',
  'metadata_incomplete',
  'keys_invalid',
] as const;
export type UnavailableReason = (typeof UNAVAILABLE_REASONS)[number];

/** The refusal by which everything in this room says that a provider cannot be used now. It says nothing of the answer. */
export function providerUnavailable(reason: UnavailableReason, cause?: unknown): BrokerError {
  return new BrokerError('signin_provider_unavailable', {
    fields: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The reason of such a refusal; undefined for every other error. */
export function unavailableReason(error: unknown): UnavailableReason | undefined {
  if (!(error instanceof BrokerError) || error.code !== 'signin_provider_unavailable') return undefined;
  return UNAVAILABLE_REASONS.find((reason) => reason === error.fields['reason']);
}
