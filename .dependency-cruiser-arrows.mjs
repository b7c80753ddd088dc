/**
 * Arrows that point the wrong way: from the core into a protocol's folder, and from what relational databases share into
 * one of them. The list only shrinks: what is not on it is forbidden, and what is on it and not there any more is an error.
 */
export const ARROWS_LEFT = {
  'contracts/approval.ts': ['sql/privilege.ts', 'sql/statement.ts'],
  'control/approvals/approval-view.ts': ['sql/access-schema.ts', 'sql/statement.ts'],
  'control/grants/grant-plan.test.ts': ['mysql/grant-rules.ts', 'mysql/report.ts', 'sql/target-rules.ts'],
  'control/targets/target-change.test.ts': ['sql/target-rules.ts'],
  'domain/approval-rules.ts': ['sql/statement.ts'],
  'gateway/ports.ts': ['sql/statement-body.ts'],
  'persistence/approvals/approval-asking.ts': ['sql/statement.ts'],
  'persistence/entities/approval.ts': ['sql/statement.ts'],
  'recording/replay/transcript.ts': ['mysql/charset/character-sets.ts'],
};
