import { EntitySchema } from 'typeorm';
import type {
  AffectedPreview,
  ApprovalKind,
  ApprovalScope,
  ApprovalState,
  DecisionWord,
  HoldTerms,
  OperationPreview,
} from '../../../domain/approval.js';
import type { AskedContext } from '../../../domain/asked-context.js';
import type { Sponsor } from '../../../domain/identity/sign-in.js';
import type { PrincipalKind } from '../../../domain/principal.js';
import type { ProtocolName, ProtocolValue } from '../../../domain/protocol-value.js';
import type { ApprovalId, GrantId } from '../../../kernel/brand.js';
import { jsonColumn, largeJsonColumn, msColumn, protocolColumn, ulidColumn, word } from '../../state/columns.js';

/**
 * What lists show and the rules need: small, whatever the operation's size. What the protocol's excerpt has besides stands
 * beside these.
 */
export interface ApprovalSummary {
  /** The beginning of the statement's text, exactly; null for a grant. */
  readonly excerpt: string | null;
  /** The same in one line, with its comments and line breaks marked; questions of older versions have none. */
  readonly line?: string;
  /** The rows that it would change, once the preview is there. */
  readonly affected?: AffectedPreview;
  /** What it is: the statement's keywords and action. Null for a grant. */
  readonly statementKind: string | null;
  readonly action: string | null;
  readonly database: string | null;
  readonly inTransaction: boolean;
  readonly why: string;
  readonly policies: readonly string[];
  readonly terms: HoldTerms;
}

/** The whole of what is asked. */
export type StoredQuestion =
  /** The body stands beside these. */
  | {
      readonly kind: 'statement';
      readonly session: number;
      readonly statement: number;
      readonly policyVersion: string;
      /** Questions of older versions have none. */
      readonly context?: AskedContext;
    }
  | { readonly kind: 'grant'; readonly access: readonly ProtocolValue[]; readonly ttlSeconds: number };

/** An approval as it is stored. Its times are the state database's own clock. */
export interface ApprovalRow {
  readonly id: ApprovalId;
  readonly kind: ApprovalKind;
  readonly grantId: GrantId;
  /** The requester. */
  readonly principalId: string;
  readonly principalName: string;
  readonly principalKind: PrincipalKind;
  /** Who answers for the agent; null where nobody is named. */
  readonly sponsor: Sponsor | null;
  readonly targetName: string;
  /** Of the target. */
  readonly protocol: ProtocolName;
  readonly taskTitle: string;
  readonly taskReference: string | null;
  readonly state: ApprovalState;
  /** Counts the changes. */
  readonly revision: number;
  readonly statementKey: string | null;
  readonly shapeKey: string | null;
  /**
   * The lock that lets the same statement of a grant be asked once: set while the question is pending, approved with
   * uses left, or denied.
   */
  readonly openKey: string | null;
  readonly summary: ApprovalSummary;
  readonly question: StoredQuestion;
  readonly preview: (OperationPreview & ProtocolValue) | null;
  /** How far it reaches, once approved. */
  readonly scope: ApprovalScope | null;
  readonly uses: number;
  readonly usesMax: number | null;
  /** Whether a client's statement waits for it, as its gateway noted last; null where no gateway has. */
  readonly clientWaits: boolean | null;
  readonly askedAtMs: number;
  readonly expiresAtMs: number;
  readonly remindAtMs: number | null;
  /** When somebody must next be told of it; a worker that is telling moves it ahead of itself. */
  readonly noticeAtMs: number | null;
  readonly notifiedAtMs: number | null;
  readonly remindedAtMs: number | null;
  readonly settledAtMs: number | null;
  readonly changedAtMs: number;
}

/** A person's decision as it is stored; a person has one for each approval. */
export interface ApprovalDecisionRow {
  readonly approvalId: ApprovalId;
  readonly principalId: string;
  readonly principalName: string;
  /** The person behind the principal; null for decisions that were made before this was kept. */
  readonly personId: string | null;
  /** The groups that the person was in then. */
  readonly groups: readonly string[];
  readonly decision: DecisionWord;
  readonly reason: string | null;
  readonly scope: ApprovalScope | null;
  /** By which sign-in, as `signInText` says; null for decisions that were made before this was kept. */
  readonly decidedWith: string | null;
  readonly decidedAtMs: number;
}

type LaterTerms = 'decideIn' | 'reauthenticateSeconds' | 'slackChannels';
type StoredTerms = Omit<HoldTerms, LaterTerms> & Partial<Pick<HoldTerms, LaterTerms>>;

/** Questions of older versions say nothing of how people must be known, and of where they are asked. */
const summaryColumn = {
  ...largeJsonColumn,
  transformer: {
    to: largeJsonColumn.transformer.to,
    from: (text: string): ApprovalSummary => {
      const stored: Omit<ApprovalSummary, 'terms'> & { readonly terms: StoredTerms } = JSON.parse(text);
      const unsaid = { decideIn: 'anywhere', reauthenticateSeconds: null, slackChannels: [] } as const;
      return { ...stored, terms: { ...unsaid, ...stored.terms } };
    },
  },
} as const;

/** TypeORM's description of the table `approvals`. */
export const approvalEntity = new EntitySchema<ApprovalRow>({
  name: 'Approval',
  tableName: 'approvals',
  columns: {
    id: { ...ulidColumn, primary: true },
    kind: word(20),
    grantId: { ...ulidColumn, name: 'grant_id' },
    principalId: { ...ulidColumn, name: 'principal_id' },
    principalName: { ...word(128), name: 'principal_name' },
    principalKind: { ...word(20), name: 'principal_kind' },
    sponsor: { ...jsonColumn, nullable: true },
    targetName: { ...word(64), name: 'target_name' },
    protocol: protocolColumn,
    taskTitle: { ...word(200), name: 'task_title' },
    taskReference: { ...word(500), name: 'task_reference', nullable: true },
    state: word(20),
    revision: { type: 'int' },
    statementKey: { ...word(64), name: 'statement_key', nullable: true },
    shapeKey: { ...word(64), name: 'shape_key', nullable: true },
    openKey: { ...word(100), name: 'open_key', nullable: true },
    summary: summaryColumn,
    question: largeJsonColumn,
    preview: { ...largeJsonColumn, nullable: true },
    scope: { ...jsonColumn, nullable: true },
    uses: { type: 'int' },
    usesMax: { name: 'uses_max', type: 'int', nullable: true },
    clientWaits: { name: 'client_waits', type: 'boolean', nullable: true },
    askedAtMs: { ...msColumn, name: 'asked_at' },
    expiresAtMs: { ...msColumn, name: 'expires_at' },
    remindAtMs: { ...msColumn, name: 'remind_at', nullable: true },
    noticeAtMs: { ...msColumn, name: 'notice_at', nullable: true },
    notifiedAtMs: { ...msColumn, name: 'notified_at', nullable: true },
    remindedAtMs: { ...msColumn, name: 'reminded_at', nullable: true },
    settledAtMs: { ...msColumn, name: 'settled_at', nullable: true },
    changedAtMs: { ...msColumn, name: 'changed_at' },
  },
  indices: [
    { name: 'approvals_open_key', columns: ['openKey'], unique: true },
    { name: 'approvals_grant', columns: ['grantId', 'id'] },
    { name: 'approvals_state', columns: ['state', 'id'] },
    { name: 'approvals_principal', columns: ['principalId', 'id'] },
    { name: 'approvals_target', columns: ['targetName', 'id'] },
    { name: 'approvals_notice', columns: ['noticeAtMs'] },
    { name: 'approvals_changed', columns: ['changedAtMs'] },
  ],
});

/** TypeORM's description of the table `approval_decisions`. */
export const approvalDecisionEntity = new EntitySchema<ApprovalDecisionRow>({
  name: 'ApprovalDecision',
  tableName: 'approval_decisions',
  columns: {
    approvalId: { ...ulidColumn, name: 'approval_id', primary: true },
    principalId: { ...ulidColumn, name: 'principal_id', primary: true },
    principalName: { ...word(128), name: 'principal_name' },
    personId: { ...ulidColumn, name: 'person_id', nullable: true },
    groups: { ...jsonColumn, name: 'group_names' },
    decision: word(20),
    reason: { ...word(1000), nullable: true },
    scope: { ...jsonColumn, nullable: true },
    decidedWith: { ...word(60), name: 'decided_with', nullable: true },
    decidedAtMs: { ...msColumn, name: 'decided_at' },
  },
});
