import type { ApprovalSummaryView } from '../contracts/approvals/approval.js';
import type { GrantDetailView } from '../contracts/grants/grant.js';
import { shownLine } from '../domain/visible-text.js';

/** Who is asked, since when and until when, as a tool tells it. */
export interface ToldApproval {
  readonly approval: string;
  /** Groups of whom each must approve; empty: any approver. Null: the caller's key may not know. */
  readonly groups: readonly string[] | null;
  /** Different people who must approve, and how many have. */
  readonly quorum: number | null;
  readonly approvals: number | null;
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

/** What a grant says of its own question: all that a key without `approval.read` is told. */
export function toldQuestion(
  { id, askedAt, expiresAt }: GrantDetailView['waiting'][number],
  pageOf: (id: string) => string | null,
): ToldApproval {
  return { approval: id, groups: null, quorum: null, approvals: null, askedAt, expiresAt, page: pageOf(id) };
}

/** `a person of dba, asked at …, who can answer until …`. */
export function waitsForText(told: ToldApproval): string {
  const { askedAt, expiresAt, page } = told;
  const where = page === null ? '' : `; they decide at ${page}`;
  return `${peopleText(told)}, asked at ${askedAt}, until ${expiresAt}${where}`;
}

function peopleText({ groups, quorum, approvals }: ToldApproval): string {
  if (groups === null || quorum === null || approvals === null) return 'people';
  const missing = Math.max(quorum - approvals, 1);
  const people = missing === 1 ? 'a person' : `${missing} people`;
  return `${people} ${groups.length === 0 ? 'who may approve' : `of ${groups.map(shownLine).join(' and ')}`}`;
}
