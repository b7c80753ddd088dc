import { isDeepStrictEqual } from 'node:util';
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
import { timeOf } from '../http/time.js';
import { CLOCK } from '../modules/tokens.js';
import { type ActingCaller, type AdminNote, AdminRecord } from '../record/admin-record.js';
import { CallerCache } from './caller-cache.js';
import { apiKeyViewOf, principalViewOf } from './identity-view.js';

/** Principals and their API keys. */
@Injectable()
export class PrincipalsService {
  constructor(
    private readonly principals: PrincipalRepository,
    private readonly keys: ApiKeyRepository,
    private readonly callers: CallerCache,
    private readonly record: AdminRecord,
    @Inject(AccessSignals) private readonly signals: Pick<AccessSignals, 'changed'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async create({ name, kind, roles, groups }: PrincipalRequest, by: ActingCaller): Promise<PrincipalView> {
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
    const made = principalViewOf({ ...MADE_BY_OPERATOR, ...row });
    return this.record.together(async (at) => {
      await at.of(PrincipalRepository).insert(row);
      return { result: made, note: { act: 'principal.made', by, subject: subjectOf(name), after: made } };
    });
  }

  async list({ limit, cursor }: PrincipalListQuery): Promise<Page<PrincipalView>> {
    const rows = await this.principals.list({ before: cursor, limit: limit + 1 });
    const { items, next } = pageOf(rows, limit, ({ id }) => id);
    return { items: items.map(principalViewOf), next };
  }

  async find(name: string): Promise<PrincipalView> {
    return principalViewOf(await this.#row(name));
  }

  async change(name: string, { disabled, groups }: PrincipalChange, by: ActingCaller): Promise<PrincipalView> {
    const disabledAtMs = disabled === true ? this.clock.nowMs() : null;
    const changed = await this.record.together(async (at) => {
      const principals = at.of(PrincipalRepository);
      const before = rowOf(await principals.lockByName(name));
      if (groups !== undefined) await principals.setGroups(name, groups);
      if (disabled !== undefined) await principals.setDisabled(name, disabledAtMs);
      // Its sessions do not come back when it is enabled again.
      if (disabled === true) await principals.raiseSessionEpoch(before.id);
      const after = rowOf(await principals.findByName(name));
      return { result: after, note: changeNote(before, after, by) };
    });
    this.#tellOf(changed);
    return principalViewOf(changed);
  }

  async listKeys(name: string): Promise<ApiKeyList> {
    const principal = await this.#row(name);
    const rows = await this.keys.listOf(principal.id);
    return { items: rows.map(apiKeyViewOf), next: null };
  }

  async revokeKey({ name, id }: ApiKeyParams, by: ActingCaller): Promise<void> {
    const principal = await this.#row(name);
    const revokedAtMs = this.clock.nowMs();
    await this.record.together(async (at) => {
      const keys = at.of(ApiKeyRepository);
      const before = await keys.lock(principal.id, id);
      if (before === undefined) throw new BrokerError('api_key_not_found');
      if (before.revokedAtMs !== null) return { result: undefined, note: null };
      await keys.revoke(principal.id, id, revokedAtMs);
      const view = { principal: name, ...apiKeyViewOf(before) };
      const after = { ...view, revokedAt: timeOf(revokedAtMs) };
      return {
        result: undefined,
        note: { act: 'key.revoked', by, subject: { kind: 'key', name: id }, before: view, after },
      };
    });
    this.#tellOf(principal);
  }

  /** What this process remembers of callers is forgotten at once, and by the others when the message comes. */
  #tellOf({ id }: PrincipalRow): void {
    this.callers.forgetAll();
    this.signals.changed(id);
  }

  async #row(name: string): Promise<PrincipalRow> {
    return rowOf(await this.principals.findByName(name));
  }
}

function rowOf(row: PrincipalRow | undefined): PrincipalRow {
  if (row === undefined) throw new BrokerError('principal_not_found');
  return row;
}

function subjectOf(name: string): AdminNote['subject'] {
  return { kind: 'principal', name };
}

/** Null when nothing is different. */
function changeNote(rowBefore: PrincipalRow, rowAfter: PrincipalRow, by: ActingCaller): AdminNote | null {
  const [before, after] = [principalViewOf(rowBefore), principalViewOf(rowAfter)];
  if (isDeepStrictEqual(before, after)) return null;
  const isSwitched = (before.disabledAt === null) !== (after.disabledAt === null);
  const act = !isSwitched ? 'changed' : after.disabledAt === null ? 'enabled' : 'disabled';
  return { act: `principal.${act}`, by, subject: subjectOf(before.name), before, after };
}

const RULE = 'The kind agent goes with the role agent and no other; a user never has the role agent.';
