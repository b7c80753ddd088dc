import type { ApprovalView } from '../../contracts/approvals/approval.js';
import { type RefusedState, toldOf, toldRolledBack, toldText, toldToComeAgain } from '../../domain/approval-told.js';
import { CLOSE_ERROR } from '../../domain/grant.js';
import { shownLine } from '../../domain/visible-text.js';
import { ERROR_TABLE, type ErrorCode } from '../../kernel/errors/error-table.js';
import type { Decided } from '../../persistence/approvals/approval.repository.js';
import type { ApprovalRow } from '../../persistence/entities/approvals/approval.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';

/** What is known of the grant that it is about. */
type ToldGrant = Pick<GrantRow, 'onHold' | 'refuseCode' | 'closeReason'>;

type ToldView = ApprovalView['told'][number];

/** While it waits, what would be told besides; what a person writes is not known before. */
const AHEAD: readonly RefusedState[] = ['timed-out', 'cancelled'];

/** What the agent is told in the state that the question is in, word for word, and what it would be told otherwise. */
export function toldViewsOf(row: Decided<ApprovalRow>, grant: ToldGrant | undefined): readonly ToldView[] {
  const { state, kind } = row;
  const of = kind === 'grant' ? toldOfGrant : toldOfStatement;
  if (state === 'approved') return [nothing(state)];
  if (state !== 'pending') return [view(state, true, of(row, state, grant))];
  const now = kind === 'grant' ? null : toldMeanwhile(row, grant);
  const first = now === null ? nothing(state) : view(state, true, now);
  return [first, ...AHEAD.map((ahead) => view(ahead, false, of(row, ahead, undefined)))];
}

interface Said {
  readonly code: ErrorCode;
  readonly text: string;
}

function toldOfStatement(row: Decided<ApprovalRow>, state: RefusedState): Said {
  const { id, summary } = row;
  const { holdSeconds } = summary.terms;
  const told = toldOf(state, { id, reason: reasonIn(row, state), inTransaction: summary.inTransaction, holdSeconds });
  return { code: told.code, text: toldText(told) };
}

/** In the answer to its request, as problem details: title, detail and what to do. */
function toldOfGrant(row: Decided<ApprovalRow>, state: RefusedState, grant: ToldGrant | undefined): Said {
  const closed = grant?.refuseCode ?? (grant?.closeReason && CLOSE_ERROR[grant.closeReason]);
  const code = closed ?? GRANT_CODES[state];
  const detail = reasonIn(row, state);
  const { title, next } = ERROR_TABLE[code];
  return { code, text: [title, ...(detail === null ? [] : [detail]), next].join(' ') };
}

const GRANT_CODES: Readonly<Record<RefusedState, ErrorCode>> = {
  denied: 'grant_denied',
  'timed-out': 'grant_approval_timed_out',
  cancelled: 'grant_revoked',
  withdrawn: 'grant_approval_withdrawn',
};

/** Null: its client waits and is told nothing. */
function toldMeanwhile({ id, expiresAtMs, summary }: Decided<ApprovalRow>, grant: ToldGrant | undefined): Said | null {
  const { inTransaction, terms } = summary;
  if (grant?.onHold === 'error') return said(toldToComeAgain(id, expiresAtMs));
  return inTransaction && terms.inTransaction === 'rollback' ? said(toldRolledBack(id)) : null;
}

function said(told: ReturnType<typeof toldToComeAgain>): Said {
  return { code: told.code, text: toldText(told) };
}

function reasonIn({ decisions, withdrawals }: Decided<ApprovalRow>, state: RefusedState): string | null {
  if (state === 'withdrawn') return withdrawals.at(-1)?.reason ?? null;
  return decisions.find(({ decision }) => decision === 'deny')?.reason ?? null;
}

function nothing(state: ApprovalRow['state']): ToldView {
  return { state, isNow: true, code: null, text: null };
}

function view(state: ApprovalRow['state'], isNow: boolean, { code, text }: Said): ToldView {
  return { state, isNow, code, text: shownLine(text) };
}
