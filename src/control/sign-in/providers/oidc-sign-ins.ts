import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { IssuerPool } from '../../../idp/issuer/issuer-pool.js';
import { OidcSignIn, redirectAddress } from '../../../idp/oidc/oidc-sign-in.js';
import type { OidcProvider } from '../../../domain/identity/oidc-provider.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { IdentityProviderRepository } from '../../../persistence/identity/identity-provider.repository.js';
import { CLOCK } from '../../modules/tokens.js';
import { ClientSecrets } from '../../providers/client-secrets.js';
import { oidcProviderIn } from '../../providers/stored-settings.js';
import { PublicAddress } from '../browser/public-address.js';
import { SignIns } from '../sign-ins.js';

/** What a person asks for at the beginning of a sign-in. */
export interface OidcSignInRequest {
  readonly provider: string;
  readonly returnTo: unknown;
  /** The person has to prove again who they are. */
  readonly isFresh: boolean;
}

/** Sign-in of people by OpenID Connect: where a browser goes first, and what it brings back. */
@Injectable()
export class OidcSignIns {
  readonly #oidc: OidcSignIn;

  constructor(
    private readonly stored: IdentityProviderRepository,
    private readonly secrets: ClientSecrets,
    private readonly signIns: SignIns,
    private readonly address: PublicAddress,
    issuers: IssuerPool,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#oidc = new OidcSignIn({ issuers, clock });
  }

  /**
   * Begins a sign-in, and gives the provider's address with the request.
   * @throws BrokerError `provider_not_found`, `state_unavailable`, what {@link SignIns.start} and {@link OidcSignIn.begin} throw
   */
  async start(
    request: Request,
    response: Response,
    { provider, returnTo, isFresh }: OidcSignInRequest,
  ): Promise<string> {
    const known = await this.#find(provider);
    const { remember, address } = await this.#oidc.begin(known, {
      redirectUri: redirectAddress(this.address.origin, provider),
      ...(isFresh ? { maxAgeSeconds: 0, prompt: 'login' as const } : {}),
    });
    return address(await this.signIns.start(request, response, { provider, kind: 'oidc', returnTo, remember }));
  }

  /**
   * Checks what the browser brings from the provider, and gives the path to which it takes its ticket.
   * @throws BrokerError `provider_not_found`, `state_unavailable`, what {@link SignIns.resume} and {@link OidcSignIn.finish} throw
   */
  async finish(request: Request, provider: string): Promise<string> {
    const known = await this.#find(provider);
    const callback = new URL(request.originalUrl, this.address.origin);
    const state = callback.searchParams.getAll('state').length === 1 ? callback.searchParams.get('state') : null;
    const flow = await this.signIns.resume({ flow: state, provider, kind: 'oidc', request });
    const identity = await this.#oidc.finish(known, { callback, state: state ?? '', remember: flow.remembered });
    return this.signIns.ticket(flow, identity);
  }

  async #find(name: string): Promise<OidcProvider> {
    const row = await this.stored.find(name);
    if (row?.kind !== 'oidc' || row.deletedAtMs !== null || !row.purposes.includes('people')) {
      throw new BrokerError('provider_not_found');
    }
    return oidcProviderIn(row, await this.secrets.open(row));
  }
}
