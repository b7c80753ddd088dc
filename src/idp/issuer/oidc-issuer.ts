import { type JSONWebKeySet } from 'jose';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type Clock } from '../../kernel/clock.js';
import { type AddressLookup, type Egress } from '../../egress/egress.js';
import { providerEgress } from '../provider-egress.js';
import { providerUnavailable } from '../provider-unavailable.js';
import { IssuerKeys, type KnownKeys } from './issuer-keys.js';
import { discover, type IssuerMetadata, originsOf } from './issuer-metadata.js';
import { readJson } from './json-answer.js';
import { keySetOf } from './key-set.js';

/** Discovery is asked again after this long. */
export const DISCOVERY_FRESH_MS = 3_600_000;
/** After a failure it is not asked again for so long. */
export const DISCOVERY_PAUSE_MS = 5_000;

export interface IssuerParts {
  readonly clock: Clock;
  /** Default: the machine's own names. */
  readonly resolve?: AddressLookup;
}

/** What a process has from a provider. */
export interface KnownIssuer {
  /** When discovery was read last, and was good. */
  readonly readAtMs: number | null;
  /** Why discovery was not read when it was asked for last; null: it was. */
  readonly failure: { readonly error: unknown; readonly atMs: number } | null;
  readonly keys: KnownKeys | null;
}

/** One provider as it answers now: its metadata, its keys, and the way to it. */
export class OidcIssuer {
  readonly provider: OidcProvider;
  readonly egress: Egress;
  readonly keys: IssuerKeys;
  readonly #clock: Clock;
  #good: { readonly metadata: IssuerMetadata; readonly readAtMs: number } | undefined;
  #failed: { readonly error: unknown; readonly atMs: number } | undefined;
  #asking: Promise<IssuerMetadata> | undefined;

  constructor(provider: OidcProvider, { clock, resolve }: IssuerParts) {
    const { allowPrivateAddresses, ca } = provider;
    this.provider = provider;
    this.#clock = clock;
    this.egress = providerEgress({
      origins: originsOf(provider),
      allowPrivateAddresses,
      ca,
      ...(resolve === undefined ? {} : { resolve }),
    });
    this.keys = new IssuerKeys(() => this.#readKeys(), clock);
  }

  /**
   * What discovery said. It is asked again after an hour; if the provider is away then, the last good answer stays.
   * @throws BrokerError `signin_provider_unavailable`
   */
  async metadata(): Promise<IssuerMetadata> {
    const nowMs = this.#clock.nowMs();
    const isFresh = this.#good !== undefined && nowMs - this.#good.readAtMs < DISCOVERY_FRESH_MS;
    if (this.#good !== undefined && isFresh) return this.#good.metadata;
    if (this.#failed !== undefined && nowMs - this.#failed.atMs < DISCOVERY_PAUSE_MS) {
      if (this.#good !== undefined) return this.#good.metadata;
      throw this.#failed.error;
    }
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** What is known of the provider now, without asking it. */
  get known(): KnownIssuer {
    return {
      readAtMs: this.#good?.readAtMs ?? null,
      failure: this.#failed === undefined ? null : { error: this.#failed.error, atMs: this.#failed.atMs },
      keys: this.keys.known,
    };
  }

  async #ask(): Promise<IssuerMetadata> {
    try {
      const metadata = await discover(this.provider, this.egress);
      this.#good = { metadata, readAtMs: this.#clock.nowMs() };
      this.#failed = undefined;
      return metadata;
    } catch (error) {
      this.#failed = { error, atMs: this.#clock.nowMs() };
      if (this.#good !== undefined) return this.#good.metadata;
      throw error;
    }
  }

  async #readKeys(): Promise<JSONWebKeySet> {
    const { jwks_uri: address } = await this.metadata();
    const keys = keySetOf(await readJson(this.egress, address));
    if (keys === undefined) throw providerUnavailable('keys_invalid');
    return keys;
  }
}
