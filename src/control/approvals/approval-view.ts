import type { ApiKeyRow } from '../../persistence/entities/api-key.js';
import type {
  AffectedView,
  ApprovalSummaryView,
  ApprovalView,
  ExcerptView,
  PreviewView,
} from '../../contracts/approval.js';
import { refusalToDecide, SCOPE_ROWS_MAX } from '../../domain/approval-rules.js';
import type { AffectedPreview, StatementPreview } from '../../domain/approval.js';
import { accessRules } from '../../protocols/sql/access-schema.js';
import type { TableUse } from '../../protocols/sql/statement.js';
import { shownLine, shownLines } from '../../domain/visible-text.js';
import { ERROR_TABLE } from '../../kernel/errors.js';
import type { Decided } from '../../persistence/approvals/approval.repository.js';
import type { ApprovalRow, ApprovalSummary, StoredQuestion } from '../../persistence/entities/approval.js';
import { type AskedBulk, cellsOf, INDICATOR_WORDS, quotedText } from '../../recording/entries/bulk-values.js';
import type { Caller } from '../http/access.js';
import { timeOf, timeOrNull } from '../http/time.js';

type StatementQuestion = Extract<StoredQuestion, { kind: 'statement' }>;

/** Who looks at an approval, and when. */
export interface Look {
  /** Null: the broker itself, which may see all and decide nothing. */
  readonly viewer: Caller | null;
  readonly nowMs: number;
}

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
    target: row.targetName,
    task: { title: shownLine(row.taskTitle), reference: row.taskReference && shownLine(row.taskReference) },
    excerpt: excerptOf(summary, look.viewer),
    database: summary.database && shownLine(summary.database),
    inTransaction: summary.inTransaction,
    why: shownLine(summary.why),
    policies: [...summary.policies],
    warning: summary.terms.warning && shownLine(summary.terms.warning),
    approvers: [...summary.terms.approvers],
    quorum: summary.terms.quorum,
    decisions: row.decisions.map(({ principalName, decision, reason, scope, decidedWith, decidedAtMs }) => ({
      principal: principalName,
      decision,
      reason: reason && shownLine(reason),
      scope,
      decidedWith,
      at: timeOf(decidedAtMs),
    })),
    scope: row.scope,
    uses: row.uses,
    usesMax: row.usesMax,
    askedAt: timeOf(row.askedAtMs),
    expiresAt: timeOf(row.expiresAtMs),
    settledAt: timeOrNull(row.settledAtMs),
    clientWaits: row.state === 'pending' ? row.clientWaits : null,
    canDecide: canDecide(row, look),
  };
}

function excerptOf(summary: ApprovalSummary, viewer: Caller | null): ExcerptView | null {
  const { excerpt, statementKind: kind, action, line, tables = [], tablesMore = 0, affected } = summary;
  if (excerpt === null || kind === null || action === null) return null;
  return {
    kind,
    action,
    tables: tables.map(tableOf),
    tablesMore,
    affected: affected !== undefined && seesRows(viewer) ? affectedOf(affected) : null,
    line: line ?? shownLine(excerpt),
    shown: shownLines(excerpt),
  };
}

/** An approval with everything that is needed to decide. Anyone who may not see the target's rows gets no preview. */
export function approvalViewOf(row: Decided<ApprovalRow>, look: Look): ApprovalView {
  const { question } = row;
  return {
    ...approvalSummaryOf(row, look),
    statement: question.kind === 'statement' ? statementViewOf(question) : null,
    request: question.kind === 'grant' ? requestViewOf(question) : null,
    preview: seesRows(look.viewer) ? previewViewOf(row) : { state: 'hidden' },
    newKeys: [],
    offeredScope: seesRows(look.viewer) ? offeredScopeOf(row) : null,
  };
}

/** A key that somebody made for another, as its owner is told of it. */
export function newKeyViewOf({ id, label, madeByName, createdAtMs }: ApiKeyRow): ApprovalView['newKeys'][number] {
  return { id, label: label && shownLine(label), madeBy: madeByName, createdAt: timeOf(createdAtMs) };
}

/** What was counted exactly is all that an approval has to let through. */
function offeredScopeOf({ kind, state, preview }: Decided<ApprovalRow>): ApprovalView['offeredScope'] {
  if (kind === 'grant' || state !== 'pending') return null;
  if (preview?.canLimitRows !== true || preview.affected.kind !== 'exact') return { kind: 'once', rowsMax: null };
  const { rows } = preview.affected;
  return { kind: 'once', rowsMax: rows <= SCOPE_ROWS_MAX ? rows : null };
}

function canDecide(row: Decided, { viewer, nowMs }: Look): ApprovalSummaryView['canDecide'] {
  const { state, principalId: requesterId, summary, decisions: answers, expiresAtMs } = row;
  const asked = { state, isExpired: expiresAtMs <= nowMs, requesterId, terms: summary.terms, answers };
  const code = viewer === null ? 'approval_not_an_approver' : refusalToDecide(asked, viewer);
  return { allowed: code === null, code, why: code === null ? null : ERROR_TABLE[code].title };
}

/** A preview holds rows of the target: for those who decide by them or may read recordings. */
function seesRows(viewer: Caller | null): boolean {
  return viewer === null || viewer.permissions.has('approval.decide') || viewer.permissions.has('recording.read');
}

function statementViewOf({ session, statement, text, values, bulk, facts, policyVersion }: StatementQuestion) {
  return {
    session,
    number: statement,
    text,
    shown: shownLines(text),
    values: values?.map((value) => ({ ...value, shown: shownValue(value) })) ?? null,
    bulk: bulk === undefined ? null : { rowCount: bulk.rowCount, rows: bulk.rows.map((row) => rowView(bulk, row)) },
    facts: {
      kind: facts.kind,
      action: facts.action,
      statements: facts.statements,
      tables: facts.tables.map(tableOf),
      functions: facts.functions.map(shownLine),
      unknownFunctions: facts.unknownFunctions.map(({ database, name }) => ({
        database: database === null ? null : shownLine(database),
        name: shownLine(name),
      })),
      where: facts.where,
      hasLimit: facts.hasLimit,
      flags: [...facts.flags],
      triggers: facts.triggers.map(shownLine),
      notUnderstood: facts.notUnderstood === null ? null : shownLine(facts.notUnderstood),
    },
    policyVersion,
  } satisfies ApprovalView['statement'];
}

function tableOf({ database, table, action, by }: TableUse) {
  return { database: database === null ? null : shownLine(database), table: shownLine(table), action, by };
}

function affectedOf(affected: AffectedPreview): AffectedView {
  return affected.kind === 'exact' ? affected : { kind: 'unknown', why: shownLine(affected.why) };
}

/** Text is told from what is only written like it: `'NULL'` and `NULL`, `'5'` and `5`. */
function shownValue({ value, encoding }: NonNullable<StatementQuestion['values']>[number]): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  return encoding === 'base64' ? `base64 ${value}` : `'${shownLine(value)}'`;
}

/** Its values stand side by side, so a text keeps its quotes whatever is in it. */
function rowView(bulk: AskedBulk, row: AskedBulk['rows'][number]) {
  return cellsOf(bulk, row).map((cell) => {
    if ('indicator' in cell) return { ...cell, shown: INDICATOR_WORDS[cell.indicator] };
    const { value, encoding } = cell;
    const isText = typeof value === 'string' && encoding === undefined;
    return { ...cell, shown: isText ? shownLine(quotedText(value)) : shownValue(cell) };
  });
}

function requestViewOf({ access, ttlSeconds }: Extract<StoredQuestion, { kind: 'grant' }>) {
  return {
    access: accessRules.parse(access).map(({ database, tables, privileges }) => ({
      database: shownLine(database),
      ...(tables === undefined ? {} : { tables: tables.map(shownLine) }),
      privileges: [...privileges],
    })),
    ttlSeconds,
  } satisfies ApprovalView['request'];
}

function previewViewOf({ kind, preview }: ApprovalRow): PreviewView {
  if (kind === 'grant') return { state: 'none' };
  return preview === null ? { state: 'pending' } : readyPreview(preview);
}

function readyPreview({
  takenAtMs,
  tables,
  affected,
  sample,
  triggers,
  cascades,
  locks,
}: StatementPreview): PreviewView {
  return {
    state: 'ready',
    takenAt: timeOf(takenAtMs),
    tables: tables.map((table) => ({
      ...table,
      database: shownLine(table.database),
      table: shownLine(table.table),
    })),
    affected: affectedOf(affected),
    sample: sample && {
      columns: sample.columns.map(shownLine),
      rows: sample.rows.map((row) => row.map((value) => (value === null ? null : shownLine(value)))),
    },
    triggers: triggers.map(shownLine),
    cascades: cascades.map(shownLine),
    locks: locks && {
      held: locks.held.map(shownLine),
      waiting: locks.waiting,
      waiters: locks.waiters.map(shownLine),
    },
  };
}
