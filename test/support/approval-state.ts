import { createHash, randomBytes } from 'node:crypto';
import { type ApprovalScope, type HoldTerms } from '../../src/domain/approval.js';
import { newGatewayId, newGrantId, newId } from '../../src/domain/ids.js';
import { type StatementFacts } from '../../src/protocols/sql/statement.js';
import { type AskedStatement } from '../../src/protocols/sql/asked-statement.js';
import { type ApprovalQuestion } from '../../src/gateway/ports.js';
import { type ApprovalId, type GrantId } from '../../src/kernel/brand.js';
import { type DecisionOrder } from '../../src/persistence/approvals/approval-decision.js';
import { type WithdrawalOrder } from '../../src/persistence/approvals/approval-withdrawal.js';
import { type StateSource } from '../../src/persistence/state/data-source.js';
import { grantEntity } from '../../src/persistence/entities/grants/grant.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { oneLine } from '../../src/protocols/mysql/sql/text/one-line.js';
import { statementExcerpt } from '../../src/protocols/sql/statement-excerpt.js';

const HOUR_MS = 3_600_000;

export const TERMS: HoldTerms = {
  approvers: [],
  quorum: 1,
  decideIn: 'anywhere',
  reauthenticateSeconds: null,
  slackChannels: [],
  holdSeconds: 600,
  inTransaction: 'hold',
  transactionHoldSeconds: 10,
  warning: null,
};

export const UPDATE_FACTS: StatementFacts = {
  kind: 'update',
  action: 'update',
  statements: 1,
  tables: [{ database: 'shop', table: 'orders', action: 'update', by: 'text' }],
  columns: ['total', 'id'],
  functions: [],
  unknownFunctions: [],
  where: 'column',
  hasLimit: false,
  flags: [],
  triggers: [],
  notUnderstood: null,
};

/** A grant that is active, in a state database only. */
export async function insertActiveGrant(source: StateSource, changed: object = {}): Promise<GrantId> {
  const id = newGrantId();
  await source.getRepository(grantEntity).insert({
    id,
    principalId: newId(),
    principalName: 'bot',
    principalKind: 'agent',
    taskTitle: 'Mend the orders',
    targetId: newId(),
    targetName: 'shop',
    access: [],
    ttlSeconds: 3600,
    deadlineAtMs: Date.now() + HOUR_MS,
    state: 'active',
    taskAccount: `dw_${randomBytes(10).toString('hex')}`,
    gatewayId: newGatewayId(),
    requestedAtMs: Date.now(),
    ...changed,
  });
  return id;
}

/** What a test asks otherwise than usual, be it of the question or of the statement in it. */
export type Asked = Partial<Omit<ApprovalQuestion, 'body'> & AskedStatement & { readonly database: string | null }>;

const DIALECT = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' });

/** A question about an UPDATE; the same text asks the same. */
export function questionOf(grant: GrantId, changed: Asked = {}): ApprovalQuestion {
  const { values, bulk, database = 'shop', facts = UPDATE_FACTS, dialect, ...others } = changed;
  const { text = 'UPDATE orders SET total = 0 WHERE id = 1', ...question } = others;
  return {
    grant,
    operationKey: sha256(text),
    keyInTransaction: null,
    shapeKey: sha256(text.replaceAll(/\d+/g, '?')),
    session: 1,
    operation: 7,
    excerpt: statementExcerpt({ text, line: oneLine(text, DIALECT), database, facts }),
    body: {
      text,
      values,
      ...(bulk === undefined ? {} : { bulk }),
      facts,
      ...(dialect === undefined ? {} : { dialect }),
    } satisfies AskedStatement,
    policies: ['default#hold-writes'],
    policyVersion: 'v1',
    why: 'It changes rows.',
    terms: TERMS,
    inTransaction: false,
    waits: true,
    expiresAtMs: Date.now() + 600_000,
    ...question,
  };
}

/** An approver whom no other test knows. */
export function approver(groups: readonly string[] = []): DecisionOrder['decider'] {
  const id = newId();
  return { id, name: `approver-${id}`, kind: 'user', roles: ['approver'], groups, session: null };
}

export function approve(id: ApprovalId, scope: ApprovalScope | null = null, decider = approver()): DecisionOrder {
  return {
    id,
    decider,
    decidedWith: 'api-key:abcdefgh',
    decision: 'approve',
    reason: null,
    scope,
    revision: null,
    whyNoRowLimit: null,
  };
}

/** Takes back what somebody has approved. */
export function withdraw(id: ApprovalId, by: WithdrawalOrder['by'], reason = 'Wrong target'): WithdrawalOrder {
  return { id, by, withdrawnWith: 'api-key:abcdefgh', reason, revision: null };
}

export function deny(id: ApprovalId, reason: string | null = null, decider = approver()): DecisionOrder {
  return { ...approve(id, null, decider), decision: 'deny', reason };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
