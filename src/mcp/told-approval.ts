import type { ApprovalSummaryView } from '../contracts/approval.js';
import { shownLine } from '../domain/visible-text.js';

/** Who is asked, since when and until when, as a tool tells it. */
export interface ToldApproval {
  readonly approval: string;
  /** Groups of whom each must approve; empty: any approver. */
  readonly groups: readonly string[];
  /** Different people who must approve, and how many have. */
  readonly quorum: number;
  readonly approvals: number;
  /** ISO 8601. */
  readonly askedAt: string;
  readonly expiresAt: string;
  /** The page on which people decide; null: its address is not known. */
  readonly page: string | null;
}

export function toldApproval(approval: ApprovalSummaryView, pageOf: (id: string) => string | null): ToldApproval {
  const { id, approvers, quorum, decisions, askedAt, expiresAt } = approval;
  const approvals = decisions.filter(({ decision }) => decision === 'approve').length;
  return { approval: id, groups: approvers, quorum, approvals, askedAt, expiresAt, page: pageOf(id) };
}

/** `a person of dba, asked at …, who can answer until …`. */
export function waitsForText({ groups, quorum, approvals, askedAt, expiresAt, page }: ToldApproval): string {
  const missing = Math.max(quorum - approvals, 1);
  const people = missing === 1 ? 'a person' : `${missing} people`;
  const of = groups.length === 0 ? 'who may approve' : `of ${groups.map(shownLine).join(' and ')}`;
  const where = page === null ? '' : `; they decide at ${page}`;
  return `${people} ${of}, asked at ${askedAt}, until ${expiresAt}${where}`;
}
