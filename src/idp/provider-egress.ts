import { mayConnect } from '../egress/address-rules.js';
import { type AddressLookup, Egress } from '../egress/egress.js';
import { providerUnavailable } from './provider-unavailable.js';

export interface ProviderEgressOptions {
  /** Where it may go: origins such as `https://id.example.com`. */
  readonly origins: readonly string[];
  readonly allowPrivateAddresses: boolean;
  /** PEM of the authorities to trust; null: the runtime's own list. */
  readonly ca: string | null;
  readonly msMax?: number;
  readonly resolve?: AddressLookup;
}

/**
 * The only way by which identity code reaches out: to the configured origins alone, over TLS (without it on this machine
 * only). It throws BrokerError `signin_provider_unavailable` with a reason.
 */
export function providerEgress({ allowPrivateAddresses, ...options }: ProviderEgressOptions): Egress {
  return new Egress({
    ...options,
    mayConnect: (address) => mayConnect(address, allowPrivateAddresses),
    withoutTls: 'to-this-machine',
    refusal: providerUnavailable,
  });
}
