import type { MappingRule } from '../../domain/identity/identity-mapping.js';
import type { Clock } from '../../kernel/clock.js';
import type { IdentityProviderRow } from '../../persistence/entities/identity/identity-provider.js';
import type { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import type { IdentityProviderRepository } from '../../persistence/identity/identity-provider.repository.js';
import { mappingRulesIn } from './stored-rules.js';

const AGE_MS_MAX = 1_000;

/** The identity providers and the mapping in force, read at one time. */
export interface KnownProviders {
  readonly providers: ReadonlyMap<string, IdentityProviderRow>;
  readonly rules: readonly MappingRule[];
}

/** Providers and mapping as they were a second ago at most; a change that any api announces is there at once. */
export class ProviderCache {
  #page: Promise<KnownProviders> | undefined;
  #untilMs = -Infinity;

  constructor(
    private readonly providers: IdentityProviderRepository,
    private readonly mappings: IdentityMappingRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws BrokerError `state_unavailable` */
  async read(): Promise<KnownProviders> {
    const nowMs = this.clock.nowMs();
    if (this.#page === undefined || nowMs >= this.#untilMs) {
      this.#page = this.#readAgain();
      this.#untilMs = nowMs + AGE_MS_MAX;
    }
    return this.#page;
  }

  /** After a provider or the mapping has changed. */
  forget(): void {
    this.#page = undefined;
  }

  /** One that fails is asked for again by the next call. */
  async #readAgain(): Promise<KnownProviders> {
    try {
      const [rows, mapping] = await Promise.all([this.providers.list(), this.mappings.newest()]);
      return {
        providers: new Map(rows.map((row) => [row.name, row])),
        rules: mappingRulesIn(mapping?.rules ?? []),
      };
    } catch (error) {
      this.forget();
      throw error;
    }
  }
}
