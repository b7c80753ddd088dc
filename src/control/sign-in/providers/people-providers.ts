import type { Clock } from '../../../kernel/clock.js';
import type { ProviderKind } from '../../../domain/identity/verified-identity.js';
import type { IdentityProviderRepository } from '../../../persistence/identity/identity-provider.repository.js';

const AGE_MS_MAX = 1_000;

/** An identity provider as somebody chooses it who signs in. */
export interface PeopleProvider {
  readonly name: string;
  readonly kind: ProviderKind;
}

/** The identity providers that sign people in, as they were a second ago. */
export class PeopleProviders {
  #known: readonly PeopleProvider[] = [];
  #untilMs = -Infinity;

  constructor(
    private readonly stored: IdentityProviderRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws BrokerError `state_unavailable` */
  async list(): Promise<readonly PeopleProvider[]> {
    if (this.clock.nowMs() < this.#untilMs) return this.#known;
    const rows = await this.stored.list();
    const known = rows
      .filter(({ purposes }) => purposes.includes('people'))
      .map(({ name, kind }): PeopleProvider => ({ name, kind }));
    this.#known = known;
    this.#untilMs = this.clock.nowMs() + AGE_MS_MAX;
    return known;
  }

  /** Whether there is any: one-time links are for the time before. */
  async areThere(): Promise<boolean> {
    return (await this.list()).length > 0;
  }

  /** After a provider was made or deleted. */
  forget(): void {
    this.#untilMs = -Infinity;
  }
}
