import { Injectable } from '@nestjs/common';
import { BrokerError } from '../../kernel/errors.js';
import { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import type { Caller } from '../http/access.js';

/** Where somebody signs in again who must have signed in a short time ago to decide. */
@Injectable()
export class NewSignIn {
  constructor(private readonly providers: IdentityProviderRepository) {}

  /**
   * The refusal of a decision as its caller is told it: one that a new sign-in would do away with has the path of that in
   * `signIn`, which leads back to the question. It is null for a caller without an identity provider.
   */
  async told(refusal: unknown, caller: Caller, approval: string): Promise<unknown> {
    if (!(refusal instanceof BrokerError) || refusal.code !== 'reauthentication_required') return refusal;
    const signIn = await this.pathFor(caller, approval);
    const fields = { ...refusal.fields, signIn };
    return new BrokerError(refusal.code, { fields, cause: refusal });
  }

  /** @throws BrokerError `state_unavailable` */
  async pathFor({ signIn }: Caller, approval: string): Promise<string | null> {
    if (signIn.by !== 'session' || signIn.provider === null) return null;
    const provider = await this.providers.find(signIn.provider);
    if (provider === undefined) return null;
    const query = new URLSearchParams({ reauthenticate: '1', return: `/approvals/${approval}` });
    return `/auth/${provider.kind}/${encodeURIComponent(provider.name)}?${query.toString()}`;
  }
}
