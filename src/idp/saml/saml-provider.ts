import type { SamlProviderSettings } from '../../domain/identity/saml-provider.js';
import type { OneTimeStore } from '../one-time-store.js';
import type { SamlPlace } from './saml-place.js';

/** A SAML provider as a sign-in meets it. */
export interface SamlProvider {
  /** Its name in this broker. */
  readonly name: string;
  readonly settings: SamlProviderSettings;
  readonly place: SamlPlace;
}

/** What a sign-in by SAML needs besides. */
export interface SamlHost {
  readonly oneTime: OneTimeStore;
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

export function audienceOf({ settings, place }: SamlProvider): string {
  return settings.audience ?? place.metadata;
}
