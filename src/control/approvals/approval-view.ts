import type { ApiKeyRow } from '../../persistence/entities/identity/api-key.js';
import type {
  AffectedView,
  ApprovalSummaryView,
  ApprovalView,
  ExcerptView,
  OperationContextView,
  PreviewView,
} from '../../contracts/approvals/approval.js';
import { refusalToDecide, refusalToWithdraw, SCOPE_ROWS_MAX } from '../../domain/approval-rules.js';
import type { AffectedPreview } from '../../domain/approval.js';
import type { AskedContext } from '../../domain/asked-context.js';
import { sessionOf } from '../../domain/identity/sign-in.js';
import { shownLine, shownLines } from '../../domain/visible-text.js';
import { ERROR_TABLE, type ErrorCode } from '../../kernel/errors/error-table.js';
import type { Decided } from '../../persistence/approvals/approval.repository.js';
import type { ApprovalWithdrawalRow } from '../../persistence/entities/approvals/approval-withdrawal.js';
import type { ApprovalRow, ApprovalSummary, StoredQuestion } from '../../persistence/entities/approvals/approval.js';
import type { ApprovalViews } from '../../protocol/approval-views.js';
import type { Caller } from '../http/access.js';
import { sponsorViewOf } from '../http/sponsor-view.js';
import type { Look } from './look.js';
import { seesRows } from './sees-rows.js';
import { digestOf, fullHeadlineOf, headlineOf } from './approval-in-words.js';
import { shownValue } from './shown-value.js';
import { timeOf, timeOrNull } from '../http/time.js';

type OperationQuestion = Extract<StoredQuestion, { kind: 'statement' }>;

/** An approval as lists and events show it. */
export function approvalSummaryOf(row: Decided, look: Look): ApprovalSummaryView {
  const { summary } = row;
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    revision: row.revision,
    grant: row.grantId,
    principal: { id: row.principalId, name: row.principalName, kind: row.principalKind },
    sponsor: sponsorViewOf(row.sponsor),
    target: row.targetName,
    protocol: row.protocol,
    task: { title: shownLine(row.taskTitle), reference: row.taskReference && shownLine(row.taskReference) },
    headline: headlineOf(row, look),
    excerpt: excerptOf(summary, viewsOf(row, look), look.viewer),
    database: summary.database && shownLine(summary.database),
    inTransaction: summary.inTransaction,
    why: shownLine(summary.why),
    policies: [...summary.policies],
    warning: summary.terms.warning && shownLine(summary.terms.warning),
    approvers: [...summary.terms.approvers],
    quorum: summary.terms.quorum,
    decideIn: summary.terms.decideIn,
    reauthenticateSeconds: summary.terms.reauthenticateSeconds,
    slackChannels: summary.terms.slackChannels,
    decisions: row.decisions.map(({ principalName, decision, reason, scope, groups, decidedWith, decidedAtMs }) => ({
      principal: principalName,
      decision,
      reason: reason && shownLine(reason),
      scope,
      groups: summary.terms.approvers.filter((group) => groups.includes(group)),
      decidedWith,
      at: timeOf(decidedAtMs),
    })),
    withdrawals: row.withdrawals.map(withdrawalViewOf),
    scope: row.scope,
    uses: row.uses,
    usesMax: row.usesMax,
    askedAt: timeOf(row.askedAtMs),
    expiresAt: timeOf(row.expiresAtMs),
    settledAt: timeOrNull(row.settledAtMs),
    clientWaits: row.state === 'pending' ? row.clientWaits : null,
    canDecide: mayViewOf(whyNotDecidable(row, look)),
    canWithdraw: mayViewOf(whyNotWithdrawable(row, look)),
  };
}

/** Undefined when this build does not know the protocol: then what is the protocol's own is left out. */
export function viewsOf({ protocol }: Pick<ApprovalRow, 'protocol'>, { protocols }: Look): ApprovalViews | undefined {
  return protocols.find(protocol)?.approvals;
}

export function excerptOf(
  summary: ApprovalSummary,
  views: ApprovalViews | undefined,
  viewer: Caller | null,
): ExcerptView | null {
  const { excerpt, statementKind: kind, action, line, affected } = summary;
  if (excerpt === null || kind === null || action === null) return null;
  return {
    kind,
    action,
    ...views?.excerpt(summary),
    affected: affected !== undefined && seesRows(viewer) ? affectedOf(affected) : null,
    line: line ?? shownLine(excerpt),
    shown: shownLines(excerpt),
  };
}

/** What {@link ApprovalDetails} finds out besides. */
const NOTHING_BESIDES = {
  ran: null,
  targetLabels: null,
  told: [],
  earlier: { items: [], more: false, difference: null },
  policyTexts: null,
  groupMembers: [],
  signIn: null,
  newKeys: [],
} satisfies Partial<ApprovalView>;

/** An approval with what its row has. Anyone who may not see the target's rows gets no preview. */
export function approvalViewOf(row: Decided<ApprovalRow>, look: Look): ApprovalView {
  const { question } = row;
  const views = viewsOf(row, look);
  const statement = question.kind === 'statement' ? operationViewOf(question, views) : null;
  const preview: PreviewView = seesRows(look.viewer) ? previewViewOf(row, views) : { state: 'hidden' };
  return {
    ...approvalSummaryOf(row, look),
    headline: fullHeadlineOf(row, look),
    statement,
    request: question.kind === 'grant' ? requestViewOf(question) : null,
    preview,
    digest: digestOf(row, look, { statement, preview }),
    ...NOTHING_BESIDES,
    scopes: question.kind === 'statement' ? scopesOf(row, question, views) : null,
    offeredScope: seesRows(look.viewer) ? offeredScopeOf(row) : null,
  };
}

/** A key that somebody made for another, as its owner is told of it. */
export function newKeyViewOf({ id, label, madeByName, createdAtMs }: ApiKeyRow): ApprovalView['newKeys'][number] {
  return { id, label: label && shownLine(label), madeBy: madeByName, createdAt: timeOf(createdAtMs) };
}

/** What an approval may be given as; a decision and the gate hold it again. */
function scopesOf(
  { summary, preview, shapeKey }: Decided<ApprovalRow>,
  question: OperationQuestion,
  views: ApprovalViews | undefined,
): ApprovalView['scopes'] {
  if (views === undefined) return null;
  const whyNoRows = views.whyNoRowLimit(summary) ?? (preview?.canLimitRows === false ? CANNOT_UNDO : null);
  const whyNoShape = shapeKey === null ? NO_SHAPE : null;
  return {
    rowLimit: { possible: whyNoRows === null, why: whyNoRows },
    shape: {
      possible: whyNoShape === null,
      why: whyNoShape,
      text: whyNoShape === null ? views.shape(question) : null,
    },
  };
}

const CANNOT_UNDO = 'What it changes cannot be rolled back, or is not counted.';
const NO_SHAPE = 'Statements of this shape cannot be told apart; approve it once.';

/** What was counted exactly is all that an approval has to let through. */
export function offeredScopeOf({ kind, state, preview }: Decided<ApprovalRow>): ApprovalView['offeredScope'] {
  if (kind === 'grant' || state !== 'pending') return null;
  if (preview?.canLimitRows !== true || preview.affected.kind !== 'exact') return { kind: 'once', rowsMax: null };
  const { rows } = preview.affected;
  return { kind: 'once', rowsMax: rows <= SCOPE_ROWS_MAX ? rows : null };
}

function withdrawalViewOf(row: ApprovalWithdrawalRow): ApprovalSummaryView['withdrawals'][number] {
  const { principalName, reason, scope, decidedAtMs, decidedWith, withdrawnAtMs, withdrawnWith } = row;
  return {
    principal: principalName,
    reason: shownLine(reason),
    scope,
    decidedAt: timeOf(decidedAtMs),
    decidedWith,
    at: timeOf(withdrawnAtMs),
    withdrawnWith,
  };
}

function mayViewOf(code: ErrorCode | null): ApprovalSummaryView['canDecide'] {
  return { allowed: code === null, code, why: code === null ? null : ERROR_TABLE[code].title };
}

/** Whether the viewer can decide it as things are, or once they have signed in again. */
export function isDecidable(row: Decided, look: Look): boolean {
  const code = whyNotDecidable(row, look);
  return code === null || (code === 'reauthentication_required' && look.viewer?.signIn.by === 'session');
}

function whyNotDecidable(row: Decided, { viewer, person, nowMs }: Look): ErrorCode | null {
  if (viewer === null || person === null) return 'approval_not_an_approver';
  const { state, principalId: requesterId, sponsors, summary, decisions: answers, expiresAtMs } = row;
  const asked = { state, isExpired: expiresAtMs <= nowMs, requesterId, sponsors, terms: summary.terms, answers, nowMs };
  return refusalToDecide(asked, { ...viewer, person, session: sessionOf(viewer.signIn) });
}

function whyNotWithdrawable(row: Decided, { viewer, person, nowMs }: Look): ErrorCode | null {
  if (viewer === null || person === null || !viewer.permissions.has('approval.decide')) {
    return 'approval_not_given_by_you';
  }
  const { state, expiresAtMs, uses, usesMax, decisions } = row;
  const own = ({ principalId, decision }: (typeof decisions)[number]) =>
    decision === 'approve' && person.principals.has(principalId);
  return refusalToWithdraw({
    state,
    isExpired: expiresAtMs <= nowMs,
    isUsedUp: usesMax !== null && uses >= usesMax,
    isOwn: decisions.some(own),
  });
}

function affectedOf(affected: AffectedPreview): AffectedView {
  return affected.kind === 'exact' ? affected : { kind: 'unknown', why: shownLine(affected.why) };
}

function requestViewOf({ access, ttlSeconds }: Extract<StoredQuestion, { kind: 'grant' }>) {
  return {
    access: access.map(shownValue),
    ttlSeconds,
    newAccess: null,
    outlook: null,
  } satisfies ApprovalView['request'];
}

function operationViewOf(question: OperationQuestion, views: ApprovalViews | undefined): ApprovalView['statement'] {
  if (views === undefined) return null;
  const { session, statement: number, policyVersion, context } = question;
  return { session, number, ...views.operation(question), policyVersion, context: contextViewOf(context) };
}

function contextViewOf(context: AskedContext | undefined): OperationContextView | null {
  if (context === undefined) return null;
  const { operations, inTransactionSinceMs } = context;
  return {
    operations: operations.map(({ atMs, line, kind, ...operation }) => ({
      ...operation,
      at: timeOf(atMs),
      kind: kind && shownLine(kind),
      line: line && shownLine(line),
    })),
    inTransactionSince: timeOrNull(inTransactionSinceMs),
  };
}

function previewViewOf({ kind, preview }: ApprovalRow, views: ApprovalViews | undefined): PreviewView {
  if (kind === 'grant' || views === undefined) return { state: 'none' };
  if (preview === null) return { state: 'pending' };
  const { takenAtMs, affected } = preview;
  return { state: 'ready', takenAt: timeOf(takenAtMs), affected: affectedOf(affected), ...views.preview(preview) };
}
