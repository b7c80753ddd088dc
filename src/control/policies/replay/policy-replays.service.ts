import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { PolicyReplayRequest, PolicyReplayView } from '../../../contracts/policies/policy-replay.js';
import { BrokerError } from '../../../kernel/errors.js';
import type { Clock } from '../../../kernel/clock.js';
import { GrantRepository } from '../../../persistence/grants/grant.repository.js';
import { PolicyReader } from '../../../persistence/policies/policy-reader.js';
import { PolicyRepository } from '../../../persistence/policies/policy.repository.js';
import { TargetRepository } from '../../../persistence/targets/target.repository.js';
import type { Caller } from '../../http/access.js';
import { KnownProtocols } from '../../modules/known-protocols.js';
import { CLOCK } from '../../modules/tokens.js';
import { AdminRecord } from '../../record/admin-record.js';
import { PolicyChecks } from '../policy-checks.js';
import { ReplayJudge } from './replay-judge.js';
import {
  type RecordedStatement,
  RecordedStatementRepository,
} from '../../../persistence/statements/recorded-statement.repository.js';
import { ReplayReport } from './replay-report.js';

/** Of one api: each takes the processor for as long as it lasts, though never long at a time. */
const AT_ONCE_MAX = 2;
const JUDGE_MS_MAX = 10_000;
/** Other calls wait so long at most. */
const TURN_MS_MAX = 10;

/** Has recorded statements judged again, as if a draft were in force. No target is asked. */
@Injectable()
export class PolicyReplaysService {
  #running = 0;

  constructor(
    private readonly reader: PolicyReader,
    private readonly policies: PolicyRepository,
    private readonly checks: PolicyChecks,
    private readonly grants: GrantRepository,
    private readonly targets: TargetRepository,
    private readonly protocols: KnownProtocols,
    private readonly record: AdminRecord,
    private readonly statements: RecordedStatementRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws BrokerError `policy_invalid`, `policy_replay_busy`, `target_not_found` */
  async replay(caller: Caller, request: PolicyReplayRequest): Promise<PolicyReplayView> {
    if (this.#running >= AT_ONCE_MAX) throw new BrokerError('policy_replay_busy');
    this.#running += 1;
    try {
      return await this.#replay(caller, request);
    } finally {
      this.#running -= 1;
    }
  }

  async #replay(caller: Caller, { name, text, last, target }: PolicyReplayRequest): Promise<PolicyReplayView> {
    if (target !== undefined && (await this.targets.findByName(target)) === undefined) {
      throw new BrokerError('target_not_found');
    }
    const { policies, warnings } = this.checks.withDraft({ name, text }, await this.policies.read());
    const sha256 = text === null ? null : createHash('sha256').update(text).digest('hex');
    const after = { last, target: target ?? null, draft: sha256 };
    await this.record.noteLook({ act: 'policy.replayed', by: caller, subject: { kind: 'policy', name }, after });
    const statements = await this.statements.newest({ target, limit: last });
    const principals = await this.#principals(statements);
    const again = new ReplayJudge({
      inForce: await this.reader.read(),
      drafted: policies,
      principals,
      targets: await this.#targets(statements),
      questionsOf: (protocol) => this.protocols.find(protocol)?.policies,
    });
    const report = new ReplayReport({ withTexts: caller.permissions.has('recording.read'), principals });
    await this.#judge(statements, again, report);
    return report.view({ caveats: again.caveats(), warnings, version: policies.version });
  }

  /** A few at a time, so that the api answers other calls meanwhile. */
  async #judge(statements: readonly RecordedStatement[], again: ReplayJudge, report: ReplayReport): Promise<void> {
    const beganMs = this.#nowMs();
    let turnMs = beganMs;
    for (const statement of statements) {
      const nowMs = this.#nowMs();
      if (nowMs - beganMs > JUDGE_MS_MAX) {
        report.add(statement, 'time-over');
        continue;
      }
      if (nowMs - turnMs > TURN_MS_MAX) {
        await nextTurn();
        turnMs = this.#nowMs();
      }
      report.add(statement, again.judge(statement));
    }
  }

  async #principals(statements: readonly RecordedStatement[]) {
    const rows = await this.grants.findAll([...new Set(statements.map(({ grantId }) => grantId))]);
    return new Map(
      rows.map(({ id, principalId, principalName, principalKind }) => [
        id,
        { id: principalId, name: principalName, kind: principalKind },
      ]),
    );
  }

  async #targets(statements: readonly RecordedStatement[]) {
    const rows = await this.targets.findAll([...new Set(statements.map(({ target }) => target))]);
    return new Map(rows.map((row) => [row.name, row]));
  }

  #nowMs(): number {
    return this.clock.monotonicUs() / 1_000;
  }
}
