import { Inject, Injectable } from '@nestjs/common';
import { type Page, pageOf } from '../../contracts/page.js';
import type {
  AnyTargetView,
  TargetChangeRequest,
  TargetListQuery,
  TargetRequest,
  TargetView,
} from '../../contracts/grants/target.js';
import { newTargetId } from '../../domain/ids.js';
import { defaultTlsMode } from '../../domain/target.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import type { Caller } from '../http/access.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { CLOCK } from '../modules/tokens.js';
import { type AdminNote, AdminRecord } from '../record/admin-record.js';
import { TargetAsking } from './target-asking.js';
import { planChange, type PlannedChange } from './target-change.js';
import { TargetInspection } from './target-inspection.js';
import { targetSummaryOf, targetViewOf } from './target-view.js';

type Seen = Pick<TargetRow, 'report' | 'lastLook'>;

/** Targets: registered and changed only after a gateway has looked at them. */
@Injectable()
export class TargetsService {
  constructor(
    private readonly targets: TargetRepository,
    private readonly inspection: TargetInspection,
    private readonly protocols: KnownProtocols,
    private readonly asking: TargetAsking,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async create({ password, tls, ...request }: TargetRequest, caller: Caller): Promise<TargetView> {
    if ((await this.targets.findByName(request.name)) !== undefined) throw new BrokerError('target_exists');
    const protocol = this.protocols.named(request.protocol);
    const target = {
      ...request,
      ...protocol.targets.registered(request),
      port: request.port ?? protocol.defaultPort,
      id: newTargetId(),
      tls: tls ?? { mode: defaultTlsMode(request.host) },
    };
    const sealedPassword = await this.inspection.seal(password, target);
    const report = await this.inspection.inspect({ ...target, sealedPassword });
    const createdAtMs = this.clock.nowMs();
    const lastLook = { atMs: createdAtMs, code: null };
    const row: TargetRow = { ...target, sealedPassword, report, revision: 1, createdAtMs, lastLook };
    const view = targetViewOf(row, 0);
    return this.record.together(async (at) => {
      await at.of(TargetRepository).insert(row);
      return { result: view, note: { act: 'target.registered', by: caller, subject: subjectOf(row), after: view } };
    });
  }

  async list({ limit, cursor }: TargetListQuery, caller: Caller): Promise<Page<AnyTargetView>> {
    const rows = await this.targets.list({ before: cursor, limit: limit + 1 });
    const { items, next } = pageOf(rows, limit, ({ id }) => id);
    const views = await this.#viewsFor(caller, items);
    return { items: views, next };
  }

  async find(name: string, caller: Caller): Promise<AnyTargetView> {
    const row = await this.#row(name);
    const [view] = await this.#viewsFor(caller, [row]);
    return view ?? targetSummaryOf(row);
  }

  async change(name: string, request: TargetChangeRequest, caller: Caller): Promise<TargetView> {
    const row = await this.#row(name);
    const plan = planChange(row, request, this.protocols.named(row.protocol).targets);
    if (plan.mustBeUnused && !(await this.targets.isUnused(row.id))) throw new BrokerError('target_in_use');
    const sealedPassword = await this.#credentialAfter(row, plan, request.password);
    const change = { ...plan.settings, sealedPassword, ...(await this.#seenAfter(row, plan, sealedPassword)) };
    const openTasks = (await this.targets.openGrants([row.id])).get(row.id) ?? 0;
    const [before, view] = [targetViewOf(row, openTasks), targetViewOf({ ...row, ...change }, openTasks)];
    const after = { ...view, passwordGiven: request.password !== undefined };
    return this.record.together(async (at) => {
      // A grant may have been asked for since; then this fails like a change by someone else.
      if (!(await at.of(TargetRepository).change(row, change, { onlyUnused: plan.mustBeUnused }))) {
        throw new BrokerError('target_changed');
      }
      return { result: view, note: { act: 'target.changed', by: caller, subject: subjectOf(row), before, after } };
    });
  }

  async delete(name: string, caller: Caller): Promise<void> {
    const { id } = await this.#row(name);
    await this.record.together(async (at) => {
      const targets = at.of(TargetRepository);
      const row = await targets.lock(id);
      if (row === undefined) throw new BrokerError('target_not_found');
      if (!(await targets.deleteUnused(id))) throw new BrokerError('target_in_use');
      const note = {
        act: 'target.deleted',
        by: caller,
        subject: subjectOf(row),
        before: targetViewOf(row, 0),
      } as const;
      return { result: undefined, note };
    });
  }

  /** A password is never sent to another place, or for another account, than it was given for. */
  async #credentialAfter({ id, sealedPassword }: TargetRow, plan: PlannedChange, password: string | undefined) {
    if (password !== undefined) return this.inspection.seal(password, { id, ...plan.settings });
    return plan.dropsPassword ? null : sealedPassword;
  }

  /** Without a credential nobody can look, and what was seen elsewhere says nothing. */
  async #seenAfter(
    { id, protocol, ...row }: TargetRow,
    plan: PlannedChange,
    sealedPassword: string | null,
  ): Promise<Seen> {
    if (!plan.mustInspect) return { report: row.report, lastLook: row.lastLook };
    if (sealedPassword === null) return { report: null, lastLook: null };
    const report = await this.inspection.inspect({ id, protocol, ...plan.settings, sealedPassword });
    return { report, lastLook: { atMs: this.clock.nowMs(), code: null } };
  }

  /** The full views with the permission target.read, else the summaries: for those who may ask, with what they meet. */
  async #viewsFor(caller: Caller, rows: readonly TargetRow[]): Promise<AnyTargetView[]> {
    if (caller.permissions.has('grant.request')) {
      const asking = await this.asking.of(caller, rows);
      return rows.map((row, index) => ({ ...targetSummaryOf(row), asking: asking[index] ?? null }));
    }
    if (!caller.permissions.has('target.read')) return rows.map(targetSummaryOf);
    const open = await this.targets.openGrants(rows.map(({ id }) => id));
    return rows.map((row) => targetViewOf(row, open.get(row.id) ?? 0));
  }

  async #row(name: string): Promise<TargetRow> {
    const row = await this.targets.findByName(name);
    if (row === undefined) throw new BrokerError('target_not_found');
    return row;
  }
}

function subjectOf({ name }: TargetRow): AdminNote['subject'] {
  return { kind: 'target', name };
}
