import { oidcProviderOf } from '../../contracts/identity/identity-provider-oidc.js';
import { checkProvider } from '../../idp/issuer/check-provider.js';
import type { Clock } from '../../kernel/clock.js';
import { providerInvalid, type ProviderPlan } from './provider-plan.js';

/** Stands for a secret that is stored: whether there is one is all that counts here. */
const STORED_SECRET = 'stored';

/** Looks at a provider before it is stored: one that cannot work is refused at once. */
export class ProviderLook {
  constructor(private readonly clock: Clock) {}

  /**
   * `hasSecret`: with this change it has a client secret.
   * @throws BrokerError `provider_invalid` with the field, `signin_provider_unavailable`
   */
  async at(name: string, plan: ProviderPlan, hasSecret: boolean): Promise<void> {
    if (plan.kind === 'saml') return; // the broker never calls one: its sign-ins go through the browser
    const provider = oidcProviderOf(name, plan.settings, hasSecret ? STORED_SECRET : null);
    const [first, ...more] = await checkProvider(provider, { clock: this.clock });
    if (first === undefined) return;
    throw providerInvalid(
      first.field,
      [first, ...more].map(({ field, message }) => `${field} ${message}`),
    );
  }
}
