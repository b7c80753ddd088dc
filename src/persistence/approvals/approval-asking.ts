import type { DataSource, EntityManager } from 'typeorm';
import type { HoldTerms } from '../../domain/approval.js';
import { newApprovalId } from '../../domain/ids.js';
import type { ApprovalQuestion } from '../../gateway/ports.js';
import { assert } from '../../kernel/assert.js';
import type { ApprovalId, GrantId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import { timeOutStatements } from './approval-move.js';
import { atState } from '../state/at-state.js';
import {
  approvalEntity,
  type ApprovalRow,
  type ApprovalSummary,
  type StoredQuestion,
} from '../entities/approvals/approval.js';
import { grantEntity, type GrantRow } from '../entities/grants/grant.js';
import { noteAskedEvent } from '../events/approval-events.js';
import { NOW_MS_SQL } from '../state/state-clock.js';

/** A question that is longer cannot be read by people, and is not asked. */
const QUESTION_BYTES_MAX = 1024 * 1024;
/** Anyone who has less time to answer than this is asked once and not reminded. */
const REMINDED_FROM_MS = 60_000;

export interface AskLimits {
  /** Questions of one grant that may wait at the same time, and those it may ask in all. */
  readonly pendingMax: number;
  readonly totalMax: number;
}

/** An approval without the parts that can be large. */
export type ApprovalHead = Omit<ApprovalRow, 'question' | 'preview'>;

export const HEAD_COLUMNS = Object.keys(approvalEntity.options.columns)
  .filter((column) => column !== 'question' && column !== 'preview')
  .map((column) => `approval.${column}`);

type Asked = Pick<ApprovalQuestion, 'grant' | 'operationKey' | 'keyInTransaction' | 'shapeKey'>;

/** What a grant has asked about the same statement that still holds, or its approval of the shape with runs left. */
export async function findAsked(
  at: DataSource | EntityManager,
  { grant, operationKey, keyInTransaction, shapeKey }: Asked,
): Promise<ApprovalHead | undefined> {
  const found = await findOpen(at, openKeyOf(grant, operationKey));
  if (found !== undefined && found.state !== 'pending') return found;
  // A shape that was approved meanwhile answers what waits.
  const ofShape = shapeKey === null ? undefined : await findShape(at, grant, shapeKey);
  if (ofShape !== undefined || found !== undefined || keyInTransaction === null) return ofShape ?? found;
  const inTransaction = await findOpen(at, openKeyOf(grant, keyInTransaction));
  return inTransaction?.uses === 0 ? inTransaction : undefined;
}

async function findOpen(at: DataSource | EntityManager, openKey: string): Promise<ApprovalHead | undefined> {
  const found = await atState(() =>
    at
      .createQueryBuilder(approvalEntity, 'approval')
      .select(HEAD_COLUMNS)
      .where(
        `approval.open_key = :openKey AND NOT (approval.state = 'pending' AND approval.expires_at <= ${NOW_MS_SQL})`,
        { openKey },
      )
      .getOne(),
  );
  return found ?? undefined;
}

async function findShape(
  at: DataSource | EntityManager,
  grant: GrantId,
  shapeKey: string,
): Promise<ApprovalHead | undefined> {
  const rows = await atState(() =>
    at
      .createQueryBuilder(approvalEntity, 'approval')
      .select(HEAD_COLUMNS)
      .where("approval.grant_id = :grant AND approval.shape_key = :shapeKey AND approval.state = 'approved'", {
        grant,
        shapeKey,
      })
      .andWhere('approval.uses < approval.uses_max')
      .orderBy('approval.id', 'ASC')
      .getMany(),
  );
  return rows.find(({ scope }) => scope?.kind === 'shape');
}

/**
 * Asks about a held statement unless the grant has asked already. The grant's row is locked meanwhile: of two that ask
 * the same one finds what the other asked, and a grant that ends cancels what was asked before or refuses what comes.
 * @throws BrokerError `grant_not_active`, `approvals_over_limit`, `payload_too_large`
 */
export async function askAbout(
  manager: EntityManager,
  question: ApprovalQuestion,
  options: AskLimits & { readonly nowMs: number },
): Promise<{ readonly approval: ApprovalHead; readonly again: boolean }> {
  const stored = storedQuestionOf(question);
  const grant = await lockGrant(manager, question.grant);
  if (grant?.state !== 'active') throw new BrokerError('grant_not_active');
  const found = await findAsked(manager, question);
  if (found !== undefined) return { approval: found, again: true };
  await clearOverdue(manager, question);
  await requireRoom(manager, question.grant, options);
  const approval = await insertApproval(manager, {
    grant,
    kind: 'statement',
    statementKey: question.operationKey,
    shapeKey: question.shapeKey,
    summary: summaryOf(question),
    question: stored,
    holdMs: question.expiresAtMs - options.nowMs,
    clientWaits: question.waits,
  });
  return { approval, again: false };
}

/** The grant, and nobody changes it until this transaction ends. */
export async function lockGrant(manager: EntityManager, id: GrantId): Promise<GrantRow | undefined> {
  const grant = await manager
    .createQueryBuilder(grantEntity, 'grant')
    .setLock('pessimistic_write')
    .where('grant.id = :id', { id })
    .getOne();
  return grant ?? undefined;
}

/** One that nobody has noted as timed out yet would keep the same statement from being asked again. */
async function clearOverdue(manager: EntityManager, { grant, operationKey }: Asked): Promise<void> {
  const left = await manager
    .createQueryBuilder(approvalEntity, 'approval')
    .select('approval.id')
    .where('approval.open_key = :openKey', { openKey: openKeyOf(grant, operationKey) })
    .getMany();
  await timeOutStatements(
    manager,
    left.map(({ id }) => id),
  );
}

async function requireRoom(manager: EntityManager, grant: GrantId, { pendingMax, totalMax }: AskLimits): Promise<void> {
  const [counted]: readonly { readonly total: unknown; readonly pending: unknown }[] = await manager.query(
    `SELECT COUNT(*) AS total, COALESCE(SUM(state = 'pending' AND expires_at > ${NOW_MS_SQL}), 0) AS pending
     FROM approvals WHERE grant_id = ?`,
    [grant],
  );
  if (Number(counted?.pending) >= pendingMax) {
    throw new BrokerError('approvals_over_limit', { detail: `At most ${pendingMax} questions of one grant may wait.` });
  }
  if (Number(counted?.total) >= totalMax) {
    throw new BrokerError('approvals_over_limit', { detail: `One grant may ask people at most ${totalMax} times.` });
  }
}

export interface NewApproval {
  readonly grant: Pick<
    GrantRow,
    | 'id'
    | 'principalId'
    | 'principalName'
    | 'principalKind'
    | 'sponsor'
    | 'targetName'
    | 'protocol'
    | 'taskTitle'
    | 'taskReference'
  >;
  readonly kind: ApprovalRow['kind'];
  readonly statementKey: string | null;
  readonly shapeKey: string | null;
  readonly summary: ApprovalSummary;
  readonly question: StoredQuestion;
  readonly holdMs: number;
  /** Default: not known. */
  readonly clientWaits?: boolean;
  /** Default: a new one. */
  readonly id?: ApprovalId;
}

/** Stores a question; its times are the state database's. */
export async function insertApproval(manager: EntityManager, asked: NewApproval): Promise<ApprovalHead> {
  const { grant, kind, statementKey, shapeKey, summary, question, clientWaits = null, id = newApprovalId() } = asked;
  const holdMs = Math.max(0, Math.round(asked.holdMs));
  const remindMs = holdMs >= REMINDED_FROM_MS ? Math.round(holdMs / 2) : null;
  await manager
    .createQueryBuilder()
    .insert()
    .into(approvalEntity)
    .values({
      id,
      kind,
      grantId: grant.id,
      principalId: grant.principalId,
      principalName: grant.principalName,
      principalKind: grant.principalKind,
      sponsor: grant.sponsor,
      targetName: grant.targetName,
      protocol: grant.protocol,
      taskTitle: grant.taskTitle,
      taskReference: grant.taskReference,
      state: 'pending',
      revision: 1,
      statementKey,
      shapeKey,
      openKey: openKeyOf(grant.id, statementKey ?? kind),
      summary,
      question,
      preview: null,
      scope: null,
      uses: 0,
      usesMax: null,
      clientWaits,
      askedAtMs: () => NOW_MS_SQL,
      expiresAtMs: () => `${NOW_MS_SQL} + ${holdMs}`,
      remindAtMs: remindMs === null ? null : () => `${NOW_MS_SQL} + ${remindMs}`,
      noticeAtMs: () => NOW_MS_SQL,
      notifiedAtMs: null,
      remindedAtMs: null,
      settledAtMs: null,
      changedAtMs: () => NOW_MS_SQL,
    })
    .updateEntity(false)
    .execute();
  const stored = await manager
    .createQueryBuilder(approvalEntity, 'approval')
    .select(HEAD_COLUMNS)
    .where('approval.id = :id', { id })
    .getOne();
  assert(stored !== null, 'what was stored is there');
  await noteAskedEvent(manager, stored);
  return stored;
}

/** A question that was stored just now, for the jobs that follow it. */
export interface AskedApproval {
  readonly id: ApprovalId;
  /** From now on; null when nobody is reminded. */
  readonly remindInMs: number | null;
  readonly expiresInMs: number;
}

export function jobTimesOf({ id, askedAtMs, remindAtMs, expiresAtMs }: ApprovalHead): AskedApproval {
  const remindInMs = remindAtMs === null ? null : remindAtMs - askedAtMs;
  return { id, remindInMs, expiresInMs: expiresAtMs - askedAtMs };
}

function openKeyOf(grant: GrantId, key: string): string {
  return `${grant}:${key}`;
}

function storedQuestionOf({ session, operation, body, policyVersion, context }: ApprovalQuestion): StoredQuestion {
  const before = context === undefined ? {} : { context };
  const stored: StoredQuestion = {
    ...body,
    kind: 'statement',
    session,
    statement: operation,
    policyVersion,
    ...before,
  };
  if (Buffer.byteLength(JSON.stringify(stored)) > QUESTION_BYTES_MAX) {
    throw new BrokerError('payload_too_large', {
      detail: `A statement that people must approve can have at most ${QUESTION_BYTES_MAX} bytes, its values included.`,
    });
  }
  return stored;
}

function summaryOf({ excerpt, inTransaction, why, policies, terms }: ApprovalQuestion): ApprovalSummary {
  const { text, kind: statementKind, ...rest } = excerpt;
  return { ...rest, excerpt: text, statementKind, inTransaction, why, policies, terms };
}

/** The summary of a question about a requested grant. */
export function grantSummary(verdict: {
  readonly why: string;
  readonly policies: readonly string[];
  readonly terms: HoldTerms;
}): ApprovalSummary {
  const { why, policies, terms } = verdict;
  return {
    excerpt: null,
    statementKind: null,
    action: null,
    database: null,
    inTransaction: false,
    why,
    policies,
    terms,
  };
}
