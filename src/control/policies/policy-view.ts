import type { PolicySummaryView, PolicyVersionView, PolicyView } from '../../contracts/policy.js';
import type { PolicyRow, PolicyVersionRow } from '../../persistence/entities/policy.js';
import { timeOf } from '../http/time.js';

/** A policy without its text, as lists carry it. */
export function policySummaryOf({ name, revision, updatedBy, updatedAtMs }: PolicyRow): PolicySummaryView {
  return { name, revision, updatedBy, updatedAt: timeOf(updatedAtMs) };
}

export function policyViewOf(row: PolicyRow): PolicyView {
  return { ...policySummaryOf(row), text: row.text };
}

export function policyVersionViewOf(row: PolicyVersionRow): PolicyVersionView {
  const { revision, name, text, changedBy, changedAtMs } = row;
  return { revision, name, text, changedBy, changedAt: timeOf(changedAtMs) };
}
