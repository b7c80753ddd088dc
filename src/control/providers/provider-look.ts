import type { OidcProvider } from '../../domain/identity/oidc-provider.js';
import { OidcIssuer } from '../../idp/issuer/oidc-issuer.js';
import { BrokerError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/clock.js';
import { oidcProviderOf } from '../../contracts/identity-provider-oidc.js';
import { providerInvalid, type ProviderPlan } from './provider-plan.js';

/** By which field an answer of the provider shows that the settings are wrong. */
const FIELD_OF_REASON: Readonly<Record<string, string>> = {
  other_issuer: 'issuer',
  metadata_incomplete: 'issuer',
  origin_not_configured: 'origins',
  keys_invalid: 'issuer',
};

/** Looks at a provider before it is stored: one that cannot work is refused at once. */
export class ProviderLook {
  constructor(private readonly clock: Clock) {}

  /** @throws BrokerError `provider_invalid` with the field, `signin_provider_unavailable` */
  async at(name: string, plan: ProviderPlan): Promise<void> {
    if (plan.kind === 'saml') return; // the broker never calls one: its sign-ins go through the browser
    await this.#ask(oidcProviderOf(name, plan.settings, null));
  }

  async #ask(provider: OidcProvider): Promise<void> {
    const issuer = new OidcIssuer(provider, { clock: this.clock });
    try {
      const metadata = await issuer.metadata();
      await issuer.keys.keysFor(null);
      if (!provider.for.includes('people')) return;
      const lacks = (['authorization_endpoint', 'token_endpoint'] as const).filter(
        (one) => metadata[one] === undefined,
      );
      if (lacks.length > 0)
        throw providerInvalid('for', [`the issuer has no ${lacks.join(' and no ')}, so nobody can sign in with it`]);
    } catch (error) {
      throw invalidBy(error) ?? error;
    }
  }
}

function invalidBy(error: unknown): BrokerError | undefined {
  if (!(error instanceof BrokerError) || error.code !== 'signin_provider_unavailable') return undefined;
  const reason = error.fields?.['reason'];
  const field = typeof reason === 'string' ? FIELD_OF_REASON[reason] : undefined;
  return field === undefined
    ? undefined
    : new BrokerError('provider_invalid', { detail: error.detail ?? '', fields: { field } });
}
