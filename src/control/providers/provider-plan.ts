import {
  type OidcProviderSettings,
  oidcProviderOf,
  oidcProviderSettings,
} from '../../contracts/identity/identity-provider-oidc.js';
import type { IdentityProviderRequest } from '../../contracts/identity/identity-provider.js';
import type { ProviderUse } from '../../domain/identity/identity-mapping.js';
import type { SamlProviderSettings } from '../../domain/identity/saml-provider.js';
import type { ProviderKind } from '../../domain/identity/verified-identity.js';
import { samlConfiguration } from '../../idp/saml/saml-configuration.js';
import { BrokerError } from '../../kernel/errors.js';

/** What a change of a provider stores. */
export type ProviderPlan = {
  readonly purposes: readonly ProviderUse[];
  /** The client secret that came with it; undefined: none came. */
  readonly secret: string | undefined;
} & (
  | { readonly kind: 'oidc'; readonly settings: OidcProviderSettings }
  | { readonly kind: 'saml'; readonly settings: SamlProviderSettings }
);

/** Reads what an operator says of a provider. @throws BrokerError `provider_invalid` with `field` */
export function planProvider(request: IdentityProviderRequest, nowMs: number): ProviderPlan {
  if (request.kind === 'oidc') {
    const settings = oidcProviderSettings.parse(request);
    return { kind: 'oidc', purposes: settings.for, settings, secret: request.clientSecret };
  }
  const given = samlConfiguration(request, nowMs);
  if ('faults' in given) {
    const [first] = given.faults;
    throw providerInvalid(
      first?.field ?? 'metadata',
      given.faults.map(({ field, fault }) => `${field} ${fault}`),
    );
  }
  return { kind: 'saml', purposes: ['people'], settings: given.settings, secret: undefined };
}

export function providerInvalid(field: string, sentences: readonly string[]): BrokerError {
  return new BrokerError('provider_invalid', { detail: `${sentences.join('; ')}.`, fields: { field } });
}

/** The name under which a client secret is bound to its provider; null where there is no client. */
export function clientOf({
  kind,
  settings,
}: {
  readonly kind: ProviderKind;
  readonly settings: object;
}): string | null {
  return kind === 'oidc' ? oidcProviderOf('', oidcProviderSettings.parse(settings), null).clientId : null;
}
