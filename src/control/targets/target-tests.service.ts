import { Inject, Injectable } from '@nestjs/common';
import type { TargetTestView } from '../../contracts/grants/target.js';
import type { TargetTestStep } from '../../domain/target-test.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { ERROR_TABLE } from '../../kernel/errors/error-table.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { TargetRepository } from '../../persistence/targets/target.repository.js';
import type { InspectAnswer, JobFailure } from '../../queue/jobs.js';
import type { Caller } from '../http/access.js';
import { timeOf } from '../http/time.js';
import { CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { failureOf, TargetInspection } from './target-inspection.js';
import { failedStep, missingGrants, stepsDone, stepsUntil } from './target-steps.js';
import { targetViewOf } from './target-view.js';

type Outcome = Omit<TargetTestView, 'at' | 'durationMs' | 'target'>;

/** Has a gateway log in to a registered target and look at it again; what it finds is kept as the last look. */
@Injectable()
export class TargetTestsService {
  constructor(
    private readonly targets: TargetRepository,
    private readonly inspection: TargetInspection,
    private readonly record: AdminRecord,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws BrokerError `target_not_found`, `target_credential_missing`, `target_changed` when somebody changed it
   *   meanwhile, and what says nothing of the target: `gateway_unavailable`, `queue_unavailable`, `protocol_unknown`
   */
  async test(name: string, caller: Caller): Promise<TargetTestView> {
    const row = await this.targets.findByName(name);
    if (row === undefined) throw new BrokerError('target_not_found');
    const { sealedPassword } = row;
    if (sealedPassword === null) throw new BrokerError('target_credential_missing');
    const beganUs = this.clock.monotonicUs();
    const answer = await this.inspection.look({ ...row, sealedPassword });
    const durationMs = Math.round((this.clock.monotonicUs() - beganUs) / 1_000);
    const outcome = outcomeOf(row, answer);
    const lastLook = { atMs: this.clock.nowMs(), code: answer.ok ? null : answer.code };
    const look = { lastLook, ...(answer.ok ? { report: answer.report } : {}) };
    await this.record.together(async (at) => {
      if (!(await at.of(TargetRepository).noteLook(row, look))) throw new BrokerError('target_changed');
      const after = { ok: outcome.ok, code: outcome.code };
      return {
        result: undefined,
        note: { act: 'target.tested', by: caller, subject: { kind: 'target', name }, after },
      };
    });
    const openTasks = (await this.targets.openGrants([row.id])).get(row.id) ?? 0;
    const target = targetViewOf({ ...row, ...look }, openTasks);
    return { ...outcome, at: timeOf(lastLook.atMs), durationMs, target };
  }
}

function outcomeOf(row: TargetRow, answer: InspectAnswer): Outcome {
  if (answer.ok) {
    return { ok: true, steps: stepsDone(row, answer.report), code: null, hint: null, missing: [] };
  }
  const step = failedStep(answer);
  if (step === undefined) throw failureOf(answer);
  return failed(row, answer, step);
}

function failed(row: TargetRow, failure: JobFailure, step: TargetTestStep): Outcome {
  const { title, next } = ERROR_TABLE[failure.code];
  const detail = failure.detail === undefined ? title : `${title} ${failure.detail}`;
  return {
    ok: false,
    steps: stepsUntil(step, row, detail),
    code: failure.code,
    hint: next,
    missing: missingGrants(failure),
  };
}
