import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type IssuerParts, OidcIssuer } from './oidc-issuer.js';

const ISSUERS_MAX = 200;

/**
 * The issuers of a process, each with what it answered last. Changed settings begin again with nothing; a client secret is
 * nothing that an issuer is asked with, so it may be there or not.
 */
export class IssuerPool {
  readonly #parts: IssuerParts;
  readonly #issuers = new Map<string, OidcIssuer>();

  constructor(parts: IssuerParts) {
    this.#parts = parts;
  }

  issuerOf(provider: OidcProvider): OidcIssuer {
    const asked = { ...provider, clientSecret: null };
    const known = this.#issuers.get(provider.name);
    if (known !== undefined && JSON.stringify(known.provider) === JSON.stringify(asked)) return known;
    const issuer = new OidcIssuer(asked, this.#parts);
    this.#issuers.delete(provider.name);
    this.#issuers.set(provider.name, issuer);
    const [oldest] = this.#issuers.keys();
    if (this.#issuers.size > ISSUERS_MAX && oldest !== undefined) this.#issuers.delete(oldest);
    return issuer;
  }

  /**
   * Asks all of them now, at start and every hour, so that nobody's sign-in has to wait for it. Gives the names of those
   * that do not answer, each with its failure.
   */
  async warm(providers: readonly OidcProvider[]): Promise<ReadonlyMap<string, unknown>> {
    const failed = new Map<string, unknown>();
    await Promise.all(
      providers.map(async (provider) => {
        await this.issuerOf(provider)
          .metadata()
          .catch((error: unknown) => failed.set(provider.name, error));
      }),
    );
    return failed;
  }
}
