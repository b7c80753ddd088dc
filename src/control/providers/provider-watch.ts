import { Logger } from '@nestjs/common';
import type { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import { unavailableReason } from '../../idp/provider-unavailable.js';
import { certificateWarnings } from '../../idp/saml/saml-certificates.js';
import type { Clock } from '../../kernel/clock.js';
import type { IdentityProviderRow } from '../../persistence/entities/identity/identity-provider.js';
import type { ProviderCache } from './provider-cache.js';
import { oidcProviderIn, samlSettingsIn } from './stored-settings.js';

const LOOK_EVERY_MS = 3_600_000;

export interface ProviderWatchParts {
  readonly cache: ProviderCache;
  readonly issuers: IssuerPool;
  readonly clock: Clock;
}

/**
 * Looks at every identity provider when the api starts and every hour: nobody's sign-in then waits for discovery, and the
 * log says in time what will stop sign-ins.
 */
export class ProviderWatch {
  readonly #log = new Logger('Providers');
  readonly #parts: ProviderWatchParts;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ProviderWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Nobody waits for it, and what fails now is asked for again when somebody signs in. */
  async #look(): Promise<void> {
    try {
      const rows = [...(await this.#parts.cache.read()).providers.values()];
      this.#warnOfCertificates(rows.filter(({ kind }) => kind === 'saml'));
      const issuers = rows.filter(({ kind }) => kind === 'oidc').map((row) => oidcProviderIn(row, null));
      for (const [provider, error] of await this.#parts.issuers.warm(issuers)) {
        this.#log.warn(
          { provider, reason: unavailableReason(error) ?? 'unknown' },
          'an identity provider cannot be used',
        );
      }
    } catch {
      this.#log.warn('the identity providers cannot be read now');
    }
  }

  #warnOfCertificates(rows: readonly IdentityProviderRow[]): void {
    for (const row of rows) {
      for (const { warning, fingerprint, atMs } of certificateWarnings(
        samlSettingsIn(row).certificates,
        this.#parts.clock.nowMs(),
      )) {
        const at = new Date(atMs).toISOString();
        this.#log.warn({ provider: row.name, warning, fingerprint, at }, 'a certificate ends that signs people in');
      }
    }
  }
}
