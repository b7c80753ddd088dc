import { Inject, Injectable } from '@nestjs/common';
import {
  type IdentityMappingRequest,
  type IdentityMappingView,
  identityMappingView,
  type MappingTrialRequest,
  type MappingTrialView,
  type MappingVersionPage,
  type MappingVersionsQuery,
} from '../../contracts/identity/identity-mapping.js';
import { PROVIDER_USES, type ProviderUse } from '../../domain/identity/identity-mapping.js';
import { claimsOfJson, identityForTrial, withVerifiedEmail } from '../../domain/identity/json-claims.js';
import { explainMapping } from '../../domain/identity/mapping-explained.js';
import { faultsOfMapping } from '../../domain/identity/mapping-faults.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { AccessSignals } from '../../messaging/access-signals.js';
import type { IdentityMappingRow } from '../../persistence/entities/identity/identity-mapping.js';
import { IdentityMappingRepository } from '../../persistence/identity/identity-mapping.repository.js';
import type { Caller } from '../http/access.js';
import { timeOrNull } from '../http/time.js';
import { AdminRecord } from '../record/admin-record.js';
import { CLOCK } from '../modules/tokens.js';
import { ProviderCache } from './provider-cache.js';

/** The identity mapping: replaced whole, every version kept. */
@Injectable()
export class MappingService {
  constructor(
    private readonly mappings: IdentityMappingRepository,
    private readonly cache: ProviderCache,
    private readonly record: AdminRecord,
    private readonly signals: AccessSignals,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async find(): Promise<IdentityMappingView> {
    return viewOf(await this.mappings.newest());
  }

  /** Every version that there was, the newest first. */
  async versions({ limit, cursor }: MappingVersionsQuery): Promise<MappingVersionPage> {
    const rows = await this.mappings.list({ before: cursor, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    return { items: shown.map(viewOf), next: rows.length > limit ? (shown.at(-1)?.revision ?? null) : null };
  }

  /** @throws BrokerError `mapping_invalid`, `mapping_changed` */
  async put(caller: Caller, { rules, revision, reason }: IdentityMappingRequest): Promise<IdentityMappingView> {
    const stored = await this.mappings.newest();
    const current = stored?.revision ?? 0;
    if (revision !== undefined && revision !== current) throw changed(current);
    await this.#requireProviders(rules);
    const row: IdentityMappingRow = {
      revision: current + 1,
      rules,
      reason: reason ?? null,
      changedAtMs: this.clock.nowMs(),
      changedBy: caller.name,
    };
    await this.record.together(async (at) => {
      if (!(await at.of(IdentityMappingRepository).add(row))) throw changed(null);
      const [before, after] = [{ rules: stored?.rules ?? [] }, { rules }];
      const subject = { kind: 'mapping', name: String(row.revision) } as const;
      return { result: undefined, note: { act: 'mapping.put', by: caller, subject, before, after, why: row.reason } };
    });
    this.cache.forget();
    this.signals.changed(null);
    return viewOf(row);
  }

  /** Who these claims would be. Nothing is asked of the provider, and nobody is signed in. */
  async try({ provider, use, claims, rules }: MappingTrialRequest): Promise<MappingTrialView> {
    const page = await this.cache.read();
    const row = page.providers.get(provider);
    if (row === undefined) throw new BrokerError('provider_not_found');
    const named = { iss: row.settings.issuer, ...claims, ...('nameId' in claims ? { sub: claims['nameId'] } : {}) };
    const given = claimsOfJson(named) ?? {};
    const isPerson = row.kind === 'oidc' && use === 'people';
    const identity = identityForTrial(provider, row.kind, isPerson ? withVerifiedEmail(given) : given);
    const { outcome, rules: tried } = explainMapping(rules ?? page.rules, identity, use);
    return {
      principal:
        'principal' in outcome
          ? {
              ...outcome.principal,
              roles: [...outcome.principal.roles],
              groups: [...outcome.principal.groups],
              leftOut: [...outcome.principal.leftOut],
            }
          : null,
      refusal: 'refusal' in outcome ? outcome.refusal : null,
      rules: tried.map(({ misses, ...rule }) => ({ ...rule, misses: [...misses] })),
    };
  }

  async #requireProviders(rules: IdentityMappingRequest['rules']): Promise<void> {
    this.cache.forget();
    const { providers } = await this.cache.read();
    const uses = new Map([...providers.values()].map(({ name, purposes }) => [name, usesIn(purposes)]));
    const faults = faultsOfMapping(rules, uses);
    if (faults.length === 0) return;
    throw new BrokerError('mapping_invalid', {
      detail: `${faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}.`,
    });
  }
}

function usesIn(purposes: readonly string[]): readonly ProviderUse[] {
  return PROVIDER_USES.filter((use) => purposes.includes(use));
}

/** `revision`: the one in force, where it is known. */
function changed(revision: number | null): BrokerError {
  if (revision === null) return new BrokerError('mapping_changed');
  return new BrokerError('mapping_changed', { detail: `Its revision is now ${revision}.`, fields: { revision } });
}

function viewOf(row: IdentityMappingRow | undefined): IdentityMappingView {
  return {
    rules: identityMappingView.shape.rules.parse(row?.rules ?? []),
    revision: row?.revision ?? 0,
    reason: row?.reason ?? null,
    changedBy: row?.changedBy ?? null,
    changedAt: timeOrNull(row?.changedAtMs ?? null),
  };
}
