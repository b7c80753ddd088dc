import { oidcProviderOf, oidcProviderSettings } from '../../contracts/identity/identity-provider-oidc.js';
import { samlProviderSettings } from '../../contracts/identity/identity-provider-saml.js';
import type { OidcProvider } from '../../domain/identity/oidc-provider.js';
import type { SamlProviderSettings } from '../../domain/identity/saml-provider.js';
import type { IdentityProviderRow } from '../../persistence/entities/identity/identity-provider.js';

/** The stored settings of a SAML provider, checked once more: nobody is signed in by what cannot be read. */
export function samlSettingsIn({ settings }: IdentityProviderRow): SamlProviderSettings {
  return samlProviderSettings.parse(settings);
}

/** The stored settings of an OpenID Connect provider; `secret` is its client secret, where somebody needs it. */
export function oidcProviderIn({ name, settings }: IdentityProviderRow, secret: string | null): OidcProvider {
  return oidcProviderOf(name, oidcProviderSettings.parse(settings), secret);
}
