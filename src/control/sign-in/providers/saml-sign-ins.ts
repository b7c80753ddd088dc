import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { FORM_BYTES_MAX, readAcsForm } from '../../../idp/saml/acs-form.js';
import { beginSaml } from '../../../idp/saml/begin-saml.js';
import { finishSaml } from '../../../idp/saml/finish-saml.js';
import { demand } from '../../../idp/saml/saml-check.js';
import { samlPlace } from '../../../idp/saml/saml-place.js';
import type { SamlHost, SamlProvider } from '../../../idp/saml/saml-provider.js';
import { ownMetadata } from '../../../idp/saml/saml-strategy.js';
import type { Clock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { OneTimeValues } from '../../../messaging/one-time-values.js';
import { CLOCK } from '../../modules/tokens.js';
import { ProviderCache } from '../../providers/provider-cache.js';
import { samlSettingsIn } from '../../providers/stored-settings.js';
import { readFormBody } from '../browser/form-body.js';
import { PublicAddress } from '../browser/public-address.js';
import { SignIns } from '../sign-ins.js';

/** What a person asks for at the beginning of a sign-in. */
export interface SamlSignInRequest {
  readonly provider: string;
  readonly returnTo: unknown;
  /** The person has to prove again who they are. */
  readonly isFresh: boolean;
}

/** Sign-in of people by SAML: where a browser goes first, and what it brings back. */
@Injectable()
export class SamlSignIns {
  readonly #host: SamlHost;

  constructor(
    private readonly cache: ProviderCache,
    private readonly signIns: SignIns,
    private readonly address: PublicAddress,
    once: OneTimeValues,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#host = { oneTime: once, nowMs: () => clock.nowMs() };
  }

  /**
   * Begins a sign-in, and gives the provider's address with the request.
   * @throws BrokerError `provider_not_found`, `state_unavailable`, what {@link SignIns.start} throws
   */
  async start(
    request: Request,
    response: Response,
    { provider, returnTo, isFresh }: SamlSignInRequest,
  ): Promise<string> {
    const known = await this.#find(provider);
    const relayState = await this.signIns.start(request, response, { provider, kind: 'saml', returnTo, remember: {} });
    const { url } = await beginSaml(known, { relayState, reauthenticate: isFresh }, this.#host);
    return url;
  }

  /**
   * Checks what the browser brings from the provider, and gives the path to which it takes its ticket. Browsers send no
   * cookie with a form of another site: whether it is the browser that began, shows there.
   * @throws BrokerError `signin_refused`, `signin_expired`, `provider_not_found`, `state_unavailable`, `queue_unavailable`
   */
  async finish(request: Request, provider: string): Promise<string> {
    const known = await this.#find(provider);
    const body = await readFormBody(request, FORM_BYTES_MAX);
    demand(body !== 'no form', 'saml_form');
    demand(body !== 'too large', 'saml_size');
    const form = readAcsForm(body);
    const flow = await this.signIns.resume({ flow: form.relayState, provider, kind: 'saml' });
    return await this.signIns.ticket(flow, await finishSaml(known, form, this.#host));
  }

  /** The broker's own metadata for the provider. @throws BrokerError `provider_not_found`, `state_unavailable` */
  async metadata(provider: string): Promise<string> {
    return ownMetadata(await this.#find(provider));
  }

  async #find(name: string): Promise<SamlProvider> {
    const row = (await this.cache.read()).providers.get(name);
    if (row?.kind !== 'saml' || !row.purposes.includes('people')) throw new BrokerError('provider_not_found');
    return { name, settings: samlSettingsIn(row), place: samlPlace(this.address.origin, name) };
  }
}
