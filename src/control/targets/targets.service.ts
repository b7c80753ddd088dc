import { Inject, Injectable } from '@nestjs/common';
import { type Page, pageOf } from '../../contracts/page.js';
import type {
  AnyTargetView,
  TargetChangeRequest,
  TargetListQuery,
  TargetRequest,
  TargetView,
} from '../../contracts/target.js';
import { newTargetId } from '../../domain/ids.js';
import { defaultTlsMode } from '../../domain/target.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import type { Caller } from '../http/access.js';
import { KnownProtocols } from '../modules/known-protocols.js';
import { CLOCK } from '../modules/tokens.js';
import { type AdminNote, AdminRecord } from '../record/admin-record.js';
import { planChange, type PlannedChange } from './target-change.js';
import { TargetInspection } from './target-inspection.js';
import { targetSummaryOf, targetViewOf } from './target-view.js';

/** Targets: registered and changed only after a gateway has looked at them. */
@Injectable()
export class TargetsService {
  constructor(
    private readonly targets: TargetRepository,
    private readonly inspection: TargetInspection,
    private readonly protocols: KnownProtocols,
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
    const row: TargetRow = {
      ...target,
      sealedPassword,
      report,
      revision: 1,
      createdAtMs: this.clock.nowMs(),
    };
    const view = targetViewOf(row);
    return this.record.together(async (at) => {
      await at.of(TargetRepository).insert(row);
      return { result: view, note: { act: 'target.registered', by: caller, subject: subjectOf(row), after: view } };
    });
  }

  async list({ limit, cursor }: TargetListQuery, caller: Caller): Promise<Page<AnyTargetView>> {
    const rows = await this.targets.list({ before: cursor, limit: limit + 1 });
    const { items, next } = pageOf(rows, limit, ({ id }) => id);
    return { items: items.map((row) => viewFor(caller, row)), next };
  }

  async find(name: string, caller: Caller): Promise<AnyTargetView> {
    return viewFor(caller, await this.#row(name));
  }

  async change(name: string, request: TargetChangeRequest, caller: Caller): Promise<TargetView> {
    const row = await this.#row(name);
    const plan = planChange(row, request, this.protocols.named(row.protocol).targets);
    if (plan.mustBeUnused && !(await this.targets.isUnused(row.id))) throw new BrokerError('target_in_use');
    const sealedPassword = await this.#credentialAfter(row, plan, request.password);
    const change = { ...plan.settings, sealedPassword, report: await this.#reportAfter(row, plan, sealedPassword) };
    const [before, view] = [targetViewOf(row), targetViewOf({ ...row, ...change })];
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
      const note = { act: 'target.deleted', by: caller, subject: subjectOf(row), before: targetViewOf(row) } as const;
      return { result: undefined, note };
    });
  }

  /** A password is never sent to another place, or for another account, than it was given for. */
  async #credentialAfter({ id, sealedPassword }: TargetRow, plan: PlannedChange, password: string | undefined) {
    if (password !== undefined) return this.inspection.seal(password, { id, ...plan.settings });
    return plan.dropsPassword ? null : sealedPassword;
  }

  /** Without a credential nobody can look, and what was seen elsewhere says nothing. */
  async #reportAfter({ id, protocol, report }: TargetRow, plan: PlannedChange, sealedPassword: string | null) {
    if (!plan.mustInspect) return report;
    return sealedPassword === null ? null : this.inspection.inspect({ id, protocol, ...plan.settings, sealedPassword });
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

function viewFor({ permissions }: Caller, row: TargetRow): AnyTargetView {
  return permissions.has('target.read') ? targetViewOf(row) : targetSummaryOf(row);
}
