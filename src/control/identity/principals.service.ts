import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { pageOf } from '../../contracts/page.js';
import type {
  ApiKeyList,
  ApiKeyParams,
  KnownPrincipalView,
  PrincipalChange,
  PrincipalListQuery,
  PrincipalPage,
  PrincipalRequest,
  PrincipalView,
} from '../../contracts/identity/principal.js';
import { newPrincipalId } from '../../domain/ids.js';
import { isAgent, rolesConflict } from '../../domain/principal.js';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { AccessSignals } from '../../messaging/access-signals.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import { MADE_BY_OPERATOR, type PrincipalRow } from '../../persistence/entities/identity/principal.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import type { StateTransaction } from '../../persistence/state/state-transaction.js';
import { timeOf } from '../http/time.js';
import { PersonRepository } from '../../persistence/identity/person.repository.js';
import { CLOCK } from '../modules/tokens.js';
import { type ActingCaller, type AdminNote, AdminRecord } from '../record/admin-record.js';
import { CallerCache } from './caller-cache.js';
import { apiKeyViewOf, knownPrincipalViewOf, principalViewOf } from './identity-view.js';

/** Principals and their API keys. */
@Injectable()
export class PrincipalsService {
  constructor(
    private readonly principals: PrincipalRepository,
    private readonly persons: PersonRepository,
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
    const made = principalViewOf({ ...MADE_BY_OPERATOR, ...row }, []);
    return this.record.together(async (at) => {
      await at.of(PrincipalRepository).insert(row);
      return { result: made, note: { act: 'principal.made', by, subject: subjectOf(name), after: made } };
    });
  }

  async list({ limit, cursor, ...sought }: PrincipalListQuery): Promise<PrincipalPage> {
    const rows = await this.principals.list({ ...sought, before: cursor, limit: limit + 1 });
    const { items, next } = pageOf(rows, limit, ({ id }) => id);
    return { items: await this.#known(items), next };
  }

  async find(name: string): Promise<KnownPrincipalView> {
    const [known] = await this.#known([await this.#row(name)]);
    assert(known !== undefined, 'one row gives one view');
    return known;
  }

  /** @throws BrokerError `principal_not_found`, also of those that are named; `principal_person_conflict` */
  async change(name: string, change: PrincipalChange, by: ActingCaller): Promise<PrincipalView> {
    const { disabled, groups } = change;
    const disabledAtMs = disabled === true ? this.clock.nowMs() : null;
    const changed = await this.record.together(async (at) => {
      const principals = at.of(PrincipalRepository);
      const row = rowOf(await principals.lockByName(name));
      const before = await viewOf(row, at.of(PersonRepository));
      if (groups !== undefined) await principals.setGroups(name, groups);
      if (disabled !== undefined) await principals.setDisabled(name, disabledAtMs);
      // Its sessions do not come back when it is enabled again.
      if (disabled === true) await principals.raiseSessionEpoch(row.id);
      await changePerson(at, row, change);
      const after = await viewOf(rowOf(await principals.findByName(name)), at.of(PersonRepository));
      return { result: { row, view: after }, note: changeNote(before, after, by) };
    });
    this.#tellOf(changed.row);
    return changed.view;
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
      const revokedBy = by === 'command-line' ? null : by;
      await keys.revoke(principal.id, id, { atMs: revokedAtMs, by: revokedBy });
      const view = { principal: name, ...apiKeyViewOf(before) };
      const after = { ...view, revokedAt: timeOf(revokedAtMs), revokedBy: revokedBy?.name ?? null };
      return {
        result: undefined,
        note: { act: 'key.revoked', by, subject: { kind: 'key', name: id }, before: view, after },
      };
    });
    this.#tellOf(principal);
  }

  async #known(rows: readonly PrincipalRow[]): Promise<KnownPrincipalView[]> {
    const [others, keys, alike] = await Promise.all([
      this.persons.othersOf(rows),
      this.keys.countWorking(
        rows.map(({ id }) => id),
        this.clock.nowMs(),
      ),
      this.persons.alikeOf(rows),
    ]);
    return rows.map((row) =>
      knownPrincipalViewOf(row, {
        samePersonAs: others.get(row.id) ?? [],
        keys: keys.get(row.id) ?? 0,
        alike: alike.get(row.id) ?? [],
      }),
    );
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

async function viewOf(row: PrincipalRow, persons: PersonRepository): Promise<PrincipalView> {
  const others = await persons.othersOf([row]);
  return principalViewOf(row, others.get(row.id) ?? []);
}

/** Says of whom the principal is, and who answers for it, as far as the change says so. */
async function changePerson(at: StateTransaction, row: PrincipalRow, change: PrincipalChange): Promise<void> {
  const { samePersonAs, sponsor } = change;
  const [principals, persons] = [at.of(PrincipalRepository), at.of(PersonRepository)];
  if (samePersonAs === null) await persons.leavePerson(row.id);
  else if (samePersonAs !== undefined) {
    await persons.joinPersons(row.id, rowOf(await principals.findByName(samePersonAs)).id);
  }
  if (sponsor === undefined) return;
  if (!isAgent(row)) throw conflict(`${row.name} is no agent; it has no sponsor.`);
  if (sponsor !== null && isAgent(rowOf(await principals.findByName(sponsor)))) {
    throw conflict(`${sponsor} is an agent; a person is a sponsor.`);
  }
  await principals.setSponsor(row.id, sponsor);
}

function conflict(detail: string): BrokerError {
  return new BrokerError('principal_person_conflict', { detail });
}

/** Null when nothing is different. */
function changeNote(before: PrincipalView, after: PrincipalView, by: ActingCaller): AdminNote | null {
  if (isDeepStrictEqual(before, after)) return null;
  return { act: `principal.${changeOf(before, after)}`, by, subject: subjectOf(before.name), before, after };
}

function changeOf(before: PrincipalView, after: PrincipalView): 'enabled' | 'disabled' | 'linked' | 'changed' {
  const isSwitched = (before.disabledAt === null) !== (after.disabledAt === null);
  if (isSwitched) return after.disabledAt === null ? 'enabled' : 'disabled';
  return isDeepStrictEqual(before.samePersonAs, after.samePersonAs) ? 'changed' : 'linked';
}

const RULE = 'The kind agent goes with the role agent and no other; a user never has the role agent.';
