import type { PolicySummaryView, PolicyVersionView, PolicyView } from '../../contracts/policies/policy.js';
import type { PolicyRow, PolicyVersionRow } from '../../persistence/entities/policy.js';
import { timeOf } from '../http/time.js';

/** What is known of a policy besides what is stored of it. */
interface PolicyStanding {
  readonly problem: PolicySummaryView['problem'];
  readonly decided: PolicySummaryView['decidedLastWeek'];
}

/** A policy without its text, as lists carry it. */
export function policySummaryOf(
  { name, revision, updatedBy, updatedAtMs }: PolicyRow,
  { problem, decided }: PolicyStanding,
): PolicySummaryView {
  return { name, revision, updatedBy, updatedAt: timeOf(updatedAtMs), problem, decidedLastWeek: decided };
}

export function policyViewOf(
  row: PolicyRow,
  { warnings, ...standing }: PolicyStanding & Pick<PolicyView, 'warnings'>,
): PolicyView {
  return { ...policySummaryOf(row, standing), text: row.text, warnings };
}

export function policyVersionViewOf(row: PolicyVersionRow): PolicyVersionView {
  const { revision, name, text, changedBy, changedAtMs, reason } = row;
  return { revision, name, text, changedBy, changedAt: timeOf(changedAtMs), reason };
}
