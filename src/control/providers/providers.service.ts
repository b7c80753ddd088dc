import { Inject, Injectable } from '@nestjs/common';
import type {
  IdentityProviderList,
  IdentityProviderRequest,
  IdentityProviderView,
  ProviderDeleteQuery,
} from '../../contracts/identity/identity-provider.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { IdentityProviderRow } from '../../persistence/entities/identity/identity-provider.js';
import {
  IdentityProviderRepository,
  type ProviderChange,
} from '../../persistence/identity/identity-provider.repository.js';
import { AccessSignals } from '../../messaging/access-signals.js';
import type { Caller } from '../http/access.js';
import { CLOCK } from '../modules/tokens.js';
import { type AdminNote, AdminRecord } from '../record/admin-record.js';
import { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { ProviderCache } from './provider-cache.js';
import { ProviderLook } from './provider-look.js';
import { planProvider, providerInvalid, type ProviderPlan } from './provider-plan.js';
import { ClientSecrets } from './client-secrets.js';
import { providerSummaryOf, providerViewOf } from './provider-view.js';
import { oidcProviderIn } from './stored-settings.js';

const PROVIDERS_MAX = 50;

/** Identity providers: stored only after the broker has looked at them. */
@Injectable()
export class ProvidersService {
  constructor(
    private readonly providers: IdentityProviderRepository,
    private readonly secrets: ClientSecrets,
    private readonly look: ProviderLook,
    private readonly cache: ProviderCache,
    private readonly record: AdminRecord,
    private readonly signals: AccessSignals,
    private readonly address: PublicAddress,
    private readonly issuers: IssuerPool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<IdentityProviderList> {
    return { items: (await this.providers.list()).map(providerSummaryOf), next: null };
  }

  async find(name: string): Promise<IdentityProviderView> {
    return this.#view(await this.#row(name));
  }

  /** @throws BrokerError `provider_invalid`, `provider_changed`, `signin_provider_unavailable` */
  async put(caller: Caller, name: string, request: IdentityProviderRequest): Promise<IdentityProviderView> {
    const stored = await this.providers.find(name);
    requireRevision(stored, request.revision);
    if (stored?.deletedAtMs !== null) await this.#requireRoom();
    const nowMs = this.clock.nowMs();
    const plan = planProvider(request, nowMs);
    requireSameIssuer(stored, plan);
    requireOwnTokens(name, plan, await this.providers.list());
    const sealedSecret = await this.secrets.after(name, plan, stored);
    await this.look.at(name, plan, sealedSecret !== null);
    const { kind, purposes, settings } = plan;
    const change = { kind, purposes, settings, sealedSecret, changedAtMs: nowMs, changedBy: caller.name };
    const isNew = stored === undefined || stored.deletedAtMs !== null;
    await this.#write(name, stored, {
      change: { ...change, deletedAtMs: null },
      note: { act: isNew ? 'provider.made' : 'provider.changed', by: caller, why: request.reason ?? null },
    });
    return this.find(name);
  }

  /** Its principals stay, and nobody can sign in as one any more. @throws BrokerError `provider_not_found`, `provider_changed` */
  async delete(caller: Caller, name: string, { revision, reason }: ProviderDeleteQuery): Promise<void> {
    const stored = await this.#row(name);
    requireRevision(stored, revision);
    const { kind, purposes, settings } = stored;
    const nowMs = this.clock.nowMs();
    await this.#write(name, stored, {
      change: {
        kind,
        purposes,
        settings,
        sealedSecret: null,
        changedAtMs: nowMs,
        changedBy: caller.name,
        deletedAtMs: nowMs,
      },
      note: { act: 'provider.deleted', by: caller, why: reason ?? null },
    });
  }

  /** Over the revision that was read: of two who change it at once one is told to look again. */
  async #write(name: string, stored: IdentityProviderRow | undefined, { change, note }: RecordedChange): Promise<void> {
    await this.record.together(async (at) => {
      const providers = at.of(IdentityProviderRepository);
      const isWritten =
        stored === undefined
          ? await providers.insert(name, change)
          : await providers.change(name, stored.revision, change);
      if (!isWritten) throw new BrokerError('provider_changed');
      const before = stored === undefined || stored.deletedAtMs !== null ? null : recordedOf(stored);
      const after = change.deletedAtMs === null ? recordedOf(change) : null;
      return { result: undefined, note: { ...note, subject: { kind: 'provider', name }, before, after } };
    });
    this.cache.forget();
    this.signals.changed(null);
  }

  async #requireRoom(): Promise<void> {
    if ((await this.providers.list()).length < PROVIDERS_MAX) return;
    throw providerInvalid('name', [`there can be at most ${PROVIDERS_MAX} identity providers`]);
  }

  async #row(name: string): Promise<IdentityProviderRow> {
    const row = await this.providers.find(name);
    if (row === undefined || row.deletedAtMs !== null) throw new BrokerError('provider_not_found');
    return row;
  }

  #view(row: IdentityProviderRow): IdentityProviderView {
    return providerViewOf(row, { publicUrl: this.address.origin, nowMs: this.clock.nowMs(), issuers: this.issuers });
  }
}

interface RecordedChange {
  readonly change: ProviderChange;
  readonly note: Pick<AdminNote, 'act' | 'by' | 'why'>;
}

/** What the administrative record has of a provider: all but its secret. */
function recordedOf({ kind, purposes, settings, sealedSecret }: ProviderChange) {
  return { kind, for: purposes, ...settings, hasClientSecret: sealedSecret !== null };
}

/** A change that says what it was made from is made from that only. */
function requireRevision(stored: IdentityProviderRow | undefined, revision: number | undefined): void {
  const current = stored === undefined || stored.deletedAtMs !== null ? 0 : stored.revision;
  if (revision === undefined || revision === current) return;
  throw new BrokerError('provider_changed', {
    detail: `Its revision is now ${current}.`,
    fields: { revision: current },
  });
}

/** Principals carry the provider's name: it never comes to mean another issuer. */
function requireSameIssuer(stored: IdentityProviderRow | undefined, { kind, settings }: ProviderPlan): void {
  if (stored === undefined || (stored.kind === kind && stored.settings.issuer === settings.issuer)) return;
  throw providerInvalid('issuer', [
    `the name ${stored.name} stands for the issuer ${stored.settings.issuer}, and names of principals begin with it: choose another name for another issuer`,
  ]);
}

/** A token is of one provider: by its issuer and what it is for. */
function requireOwnTokens(name: string, plan: ProviderPlan, others: readonly IdentityProviderRow[]): void {
  if (plan.kind === 'saml' || !plan.purposes.includes('agents')) return;
  const { issuer, audience } = plan.settings;
  const twin = others.find((other) => {
    if (other.name === name || other.kind === 'saml' || !other.purposes.includes('agents')) return false;
    const { issuer: ofOther, audience: forOther } = oidcProviderIn(other, null);
    return ofOther === issuer && forOther === audience;
  });
  if (twin === undefined) return;
  throw providerInvalid('audience', [`the provider ${twin.name} has the same issuer and audience for agents already`]);
}
