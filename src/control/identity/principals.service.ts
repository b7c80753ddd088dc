import { Inject, Injectable } from '@nestjs/common';
import { type Page, pageOf } from '../../contracts/page.js';
import type {
  ApiKeyList,
  ApiKeyParams,
  PrincipalChange,
  PrincipalListQuery,
  PrincipalRequest,
  PrincipalView,
} from '../../contracts/principal.js';
import { newPrincipalId } from '../../domain/ids.js';
import { rolesConflict } from '../../domain/principal.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { AccessSignals } from '../../messaging/access-signals.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import { MADE_BY_OPERATOR, type PrincipalRow } from '../../persistence/entities/principal.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { CLOCK } from '../modules/tokens.js';
import { CallerCache } from './caller-cache.js';
import { apiKeyViewOf, principalViewOf } from './identity-view.js';

/** Principals and their API keys. */
@Injectable()
export class PrincipalsService {
  constructor(
    private readonly principals: PrincipalRepository,
    private readonly keys: ApiKeyRepository,
    private readonly callers: CallerCache,
    @Inject(AccessSignals) private readonly signals: Pick<AccessSignals, 'changed'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async create({ name, kind, roles, groups }: PrincipalRequest): Promise<PrincipalView> {
    if (rolesConflict(kind, roles)) throw new BrokerError('principal_roles_conflict', { detail: RULE });
    const row = {
      id: newPrincipalId(),
      name,
      kind,
      roles,
      groups,
      createdAtMs: this.clock.nowMs(),
      disabledAtMs: null,
    };
    await this.principals.insert(row);
    return principalViewOf({ ...MADE_BY_OPERATOR, ...row });
  }

  async list({ limit, cursor }: PrincipalListQuery): Promise<Page<PrincipalView>> {
    const rows = await this.principals.list({ before: cursor, limit: limit + 1 });
    const { items, next } = pageOf(rows, limit, ({ id }) => id);
    return { items: items.map(principalViewOf), next };
  }

  async find(name: string): Promise<PrincipalView> {
    return principalViewOf(await this.#row(name));
  }

  async change(name: string, { disabled, groups }: PrincipalChange): Promise<PrincipalView> {
    if (groups !== undefined) await this.principals.setGroups(name, groups);
    if (disabled !== undefined) await this.principals.setDisabled(name, disabled ? this.clock.nowMs() : null);
    const changed = await this.#row(name);
    // Its sessions do not come back when it is enabled again.
    if (disabled === true) await this.principals.raiseSessionEpoch(changed.id);
    this.#tellOf(changed);
    return principalViewOf(changed);
  }

  async listKeys(name: string): Promise<ApiKeyList> {
    const principal = await this.#row(name);
    const rows = await this.keys.listOf(principal.id);
    return { items: rows.map(apiKeyViewOf), next: null };
  }

  async revokeKey({ name, id }: ApiKeyParams): Promise<void> {
    const principal = await this.#row(name);
    const isThere = await this.keys.revoke(principal.id, id, this.clock.nowMs());
    this.#tellOf(principal);
    if (!isThere) throw new BrokerError('api_key_not_found');
  }

  /** What this process remembers of callers is forgotten at once, and by the others when the message comes. */
  #tellOf({ id }: PrincipalRow): void {
    this.callers.forgetAll();
    this.signals.changed(id);
  }

  async #row(name: string): Promise<PrincipalRow> {
    const row = await this.principals.findByName(name);
    if (row === undefined) throw new BrokerError('principal_not_found');
    return row;
  }
}

const RULE = 'The kind agent goes with the role agent and no other; a user never has the role agent.';
