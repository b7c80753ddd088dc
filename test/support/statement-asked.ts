import type { ApprovalView } from '../../src/contracts/approvals/approval.js';
import { type AskedStatementView, askedStatementView } from '../../src/protocols/sql/approval-schema.js';

/** The statement that an approval is about, as its protocol's form. */
export function statementAsked({ statement }: Pick<ApprovalView, 'statement'>): AskedStatementView {
  return askedStatementView.parse(statement);
}
