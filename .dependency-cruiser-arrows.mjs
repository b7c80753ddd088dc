/**
 * Arrows that point the wrong way: from the core into a protocol's folder, and from what relational databases share into
 * one of them. The list only shrinks: what is not on it is forbidden, and what is on it and not there any more is an error.
 */
export const ARROWS_LEFT = {
  'contracts/approval.ts': ['sql/privilege.ts', 'sql/statement.ts'],
  'contracts/grant.ts': ['sql/privilege.ts'],
  'contracts/policy.ts': ['sql/privilege.ts', 'sql/statement.ts'],
  'contracts/target.ts': ['sql/privilege.ts'],
  'control/approvals/approval-view.ts': ['sql/access-schema.ts', 'sql/statement.ts'],
  'control/grants/endpoint-credential.ts': ['mysql/verifier.ts', 'mysql/wire/login/auth.ts'],
  'control/grants/grant-details.ts': ['sql/policy/outlook.ts'],
  'control/grants/grant-plan.test.ts': ['mysql/report.ts', 'sql/connection-forms.ts'],
  'control/grants/grant-plan.ts': ['sql/access.ts', 'sql/connection.ts'],
  'control/grants/grant-view.ts': ['sql/access-schema.ts', 'sql/connection-forms.ts'],
  'control/grants/outlook-view.ts': ['sql/policy/outlook.ts'],
  'control/policies/grant-request-judge.ts': ['sql/access-schema.ts', 'sql/policy/questions.ts'],
  'control/policies/policy-trials.service.ts': [
    'mysql/report.ts',
    'mysql/sql/analyse.ts',
    'mysql/sql/text/dialect.ts',
    'sql/access.ts',
    'sql/policy/questions.ts',
    'sql/policy/standing.ts',
  ],
  'domain/approval-rules.ts': ['sql/statement.ts'],
  'domain/target.ts': ['sql/privilege.ts'],
  'gateway/ports.ts': ['sql/statement-body.ts'],
  'persistence/approvals/approval-asking.ts': ['sql/statement.ts'],
  'persistence/entities/approval.ts': ['sql/statement.ts'],
  'recording/replay/transcript.ts': ['mysql/charset/character-sets.ts'],
};
