import { Logger } from '@nestjs/common';
import { type ProviderKey } from '../../keys/provider-key.js';
import type { IdentityProviderRow } from '../../persistence/entities/identity/identity-provider.js';
import { clientOf, type ProviderPlan, providerInvalid } from './provider-plan.js';

/** Client secrets: sealed for one provider, issuer and client; they go in and come out only towards that issuer. */
export class ClientSecrets {
  readonly #log = new Logger('Providers');
  #key: Promise<ProviderKey> | undefined;

  /** @param load reads the key, or makes it: it is not needed before there is a secret */
  constructor(private readonly load: () => Promise<ProviderKey>) {}

  /** What is stored after a change: the secret that came, or the one that was there when it is for the same client. */
  async after(name: string, plan: ProviderPlan, stored: IdentityProviderRow | undefined): Promise<string | null> {
    const clientId = clientOf(plan);
    if (plan.secret === undefined) {
      const isSame = stored !== undefined && stored.deletedAtMs === null && clientOf(stored) === clientId;
      return isSame ? stored.sealedSecret : null;
    }
    if (clientId === null) throw providerInvalid('clientSecret', ['clientSecret is of no use without a clientId']);
    const { issuer } = plan.settings;
    return (await this.#obtain()).seal(plan.secret, { provider: name, issuer, clientId });
  }

  /** Null where the provider has none. @throws OperatorError when the key does not open it */
  async open(row: Pick<IdentityProviderRow, 'name' | 'kind' | 'settings' | 'sealedSecret'>): Promise<string | null> {
    const clientId = clientOf(row);
    if (row.sealedSecret === null || clientId === null) return null;
    return (await this.#obtain()).open(row.sealedSecret, {
      provider: row.name,
      issuer: row.settings.issuer,
      clientId,
    });
  }

  /**
   * A failure is not kept: the file may be there a moment later.
   * @throws BrokerError `provider_invalid` when the api can neither read nor make its key
   */
  async #obtain(): Promise<ProviderKey> {
    try {
      return await (this.#key ??= this.load());
    } catch (cause) {
      this.#key = undefined;
      this.#log.warn({ err: cause }, 'the key for client secrets cannot be had');
      throw providerInvalid('clientSecret', [
        'the api has no key to keep the client secret with: give it a KEYS_DIR of its own that it can write, or PROVIDER_KEY',
      ]);
    }
  }
}
