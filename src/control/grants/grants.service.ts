import { Inject, Injectable } from '@nestjs/common';
import type {
  CloseQuery,
  ConnectionView,
  GrantDetailView,
  GrantListQuery,
  GrantQuery,
  GrantView,
} from '../../contracts/grants/grant.js';
import { type Page, pageOf } from '../../contracts/page.js';
import { isFinal } from '../../domain/grant.js';
import { assert } from '../../kernel/assert.js';
import { grantIdOf } from '../../domain/ids.js';
import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import { type Caller, seesOwnOnly } from '../http/access.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { msOf } from '../http/time.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { GrantDetails } from './grant-details.js';
import { GrantSignals } from '../../messaging/grant-signals.js';
import { connectionViewOf, grantViewForAgents, grantViewOf, refusalOf } from './grant-view.js';

const MS_PER_SECOND = 1000;

/** Looking at grants and ending them. An agent meets its own grants only; it cannot tell whether grants of others exist. */
@Injectable()
export class GrantsService {
  constructor(
    private readonly grants: GrantRepository,
    private readonly watch: ChangeWatch,
    private readonly signals: GrantSignals,
    private readonly details: GrantDetails,
    private readonly protocols: KnownProtocols,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(caller: Caller, query: GrantListQuery): Promise<Page<GrantView>> {
    const rows = await this.grants.list({
      principalId: seesOwnOnly(caller) ? caller.id : undefined,
      principalName: query.principal,
      targetName: query.target,
      protocol: query.protocol,
      state: query.state,
      fromMs: msOf(query.from),
      toMs: msOf(query.to),
      before: query.cursor,
      limit: query.limit + 1,
    });
    const views = rows.map((grant) => viewFor(caller, grant));
    return pageOf(views, query.limit, (grant) => grant.id);
  }

  /** The grant; with `wait`, when its state is another than it was at the call, or than `while` says, or the time is up. */
  async look(
    caller: Caller,
    id: string,
    { wait, while: known }: GrantQuery,
    gone: AbortSignal,
  ): Promise<GrantDetailView> {
    const grantId = grantIdOf(id);
    let first: GrantRow | undefined;
    const grant = await this.watch.until(grantId, {
      look: async () => {
        const seen = await this.#find(caller, grantId);
        first ??= seen;
        return seen;
      },
      isOver: ({ state }) => isFinal(state) || state !== (known ?? first?.state),
      waitMs: wait * MS_PER_SECOND,
      gone,
    });
    return this.details.of(grant, viewFor(caller, grant));
  }

  /**
   * The grant that a request made, for the one who asks once more because the answer was lost; never its connection again.
   * @throws BrokerError why it was refused, as the first time
   */
  async requested(caller: Caller, id: string): Promise<GrantDetailView> {
    const grant = await this.#findOwn(caller, grantIdOf(id));
    if (grant.refuseCode !== null) throw refusalOf({ code: grant.refuseCode, detail: grant.refuseDetail }, grant.id);
    return this.details.of(grant, viewFor(caller, grant));
  }

  /** Shows the connection, once and to the requester only; the password is new and was never stored. */
  async connection(caller: Caller, id: string): Promise<ConnectionView> {
    const grantId = grantIdOf(id);
    const { grants: rules } = this.protocols.named((await this.#findOwn(caller, grantId)).protocol);
    const { secret, verifier } = rules.newCredential();
    const isShown = await this.grants.takeConnection(grantId, this.clock.nowMs(), verifier);
    const grant = await this.#findOwn(caller, grantId);
    if (!isShown) throw notShown(grant);
    return connectionViewOf(grant, rules, secret);
  }

  /** The requester ends the task. */
  async close(caller: Caller, id: string, query: CloseQuery, gone: AbortSignal): Promise<GrantView> {
    const grantId = grantIdOf(id);
    await this.#findOwn(caller, grantId);
    return this.#end(caller, { id: grantId, reason: 'completed', waitSeconds: query.wait, gone });
  }

  /** An approver or an operator ends it for them; why, if they say so, stands in the administrative record. */
  async revoke(
    caller: Caller,
    { id, wait, reason }: CloseQuery & { readonly id: string; readonly reason: string | null },
    gone: AbortSignal,
  ): Promise<GrantView> {
    const grantId = grantIdOf(id);
    await this.#find(caller, grantId);
    return this.#end(caller, { id: grantId, reason: 'revoked', why: reason, waitSeconds: wait, gone });
  }

  /**
   * The second caller sees what happened to the grant, and waits as the first does: `closedBy` says who ended it. One that
   * nobody had opened yet is refused by it, and nobody is asked about it any more.
   */
  async #end(caller: Caller, { id, reason, why, waitSeconds, gone }: Ending): Promise<GrantView> {
    const isFirst = await (reason === 'revoked'
      ? this.#revokeNow(caller, id, why ?? null)
      : this.#closeNow(caller, id));
    const grant = await this.#find(caller, id);
    if (isFirst) {
      this.signals.changed(id, grant.state);
      if (grant.gatewayId !== null) this.signals.wakeGateway(grant.gatewayId);
    }
    if (waitSeconds === 0) return viewFor(caller, grant);
    const last = await this.watch.until(id, {
      look: () => this.#find(caller, id),
      isOver: ({ state }) => isFinal(state),
      waitMs: waitSeconds * MS_PER_SECOND,
      gone,
    });
    return viewFor(caller, last);
  }

  #closeNow(caller: Caller, id: GrantId): Promise<boolean> {
    return this.grants.close(id, 'completed', caller.name, this.clock.nowMs());
  }

  #revokeNow(caller: Caller, id: GrantId, why: string | null): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    return this.record.together(async (at) => {
      const grants = at.of(GrantRepository);
      const isFirst = await grants.close(id, 'revoked', caller.name, nowMs);
      const grant = isFirst ? await grants.find(id) : undefined;
      const after = grant && grantViewOf(grant);
      const subject = { kind: 'grant', name: id } as const;
      return { result: isFirst, note: after ? { act: 'grant.revoked', by: caller, subject, after, why } : null };
    });
  }

  async #find(caller: Caller, id: GrantId): Promise<GrantRow> {
    const grant = await this.grants.find(id);
    if (grant === undefined || (seesOwnOnly(caller) && grant.principalId !== caller.id)) {
      throw new BrokerError('grant_not_found');
    }
    return grant;
  }

  async #findOwn(caller: Caller, id: GrantId): Promise<GrantRow> {
    const grant = await this.#find(caller, id);
    if (grant.principalId !== caller.id) throw new BrokerError('grant_not_found');
    return grant;
  }
}

interface Ending {
  readonly id: GrantId;
  readonly reason: 'completed' | 'revoked';
  /** In the words of the one who revoked it. */
  readonly why?: string | null;
  readonly waitSeconds: number;
  readonly gone: AbortSignal;
}

function viewFor(caller: Caller, grant: GrantRow): GrantView {
  return seesOwnOnly(caller) ? grantViewForAgents(grant) : grantViewOf(grant);
}

function notActive({ state }: GrantRow): BrokerError {
  return new BrokerError('grant_not_active', { detail: `Its state is ${state}.`, fields: { state } });
}

/** Why the one showing of a connection cannot be had. */
export function notShown(grant: GrantRow): BrokerError {
  if (grant.state === 'requested') return new BrokerError('connection_not_ready');
  if (grant.state !== 'active') return notActive(grant);
  assert(grant.connectionShownAtMs !== null, 'an active grant whose connection was not shown shows it');
  return new BrokerError('connection_already_fetched');
}
