/**
 * Arrows that point the wrong way: from the core into a protocol's folder, and from what relational databases share into
 * one of them. The list only shrinks: what is not on it is forbidden, and what is on it and not there any more is an error.
 */
export const ARROWS_LEFT = {
  'contracts/approval.ts': [
    'sql/privilege.ts',
    'sql/statement.ts',
  ],
  'contracts/grant.ts': [
    'sql/privilege.ts',
  ],
  'contracts/policy.ts': [
    'sql/privilege.ts',
    'sql/statement.ts',
  ],
  'contracts/target.ts': [
    'sql/privilege.ts',
  ],
  'control/approvals/approval-view.ts': [
    'sql/statement.ts',
  ],
  'control/grants/endpoint-credential.ts': [
    'mysql/wire/login/auth.ts',
  ],
  'control/grants/grant-plan.test.ts': [
    'sql/connection-forms.ts',
  ],
  'control/grants/grant-plan.ts': [
    'mysql/wire/login/auth.ts',
    'sql/access.ts',
    'sql/connection.ts',
  ],
  'control/grants/grant-view.ts': [
    'sql/connection-forms.ts',
  ],
  'control/policies/grant-request-judge.ts': [
    'sql/access.ts',
  ],
  'control/policies/policy-trials.service.ts': [
    'mysql/sql/analyse.ts',
    'mysql/sql/text/dialect.ts',
    'sql/access.ts',
    'sql/policy/standing.ts',
    'sql/statement.ts',
  ],
  'domain/approval-rules.ts': [
    'sql/statement.ts',
  ],
  'domain/target.ts': [
    'sql/privilege.ts',
  ],
  'domain/verdict.ts': [
    'sql/statement.ts',
  ],
  'gateway/endpoint.ts': [
    'mysql/judge/judgement.ts',
    'mysql/locks/lock-watch.ts',
    'mysql/login/client-handshake.ts',
    'mysql/login/handshake-channel.ts',
    'mysql/login/target-connection.ts',
    'mysql/login/target-door.ts',
    'mysql/rehearsal/rehearser.ts',
    'mysql/session/error-packets.ts',
    'mysql/session/session-kill.ts',
    'mysql/session/session-options.ts',
    'mysql/session/session.ts',
    'mysql/sql/session/kill.ts',
    'mysql/wire-codes.ts',
    'mysql/wire/login/auth.ts',
    'mysql/wire/packets.ts',
    'mysql/wire/values/charsets.ts',
    'sql/statement.ts',
  ],
  'gateway/grant-keeper.ts': [
    'mysql/account/admin-pool.ts',
    'mysql/account/end-account.ts',
    'mysql/account/task-account.ts',
    'mysql/judge/grant-statements.ts',
    'mysql/login/target-connection.ts',
    'mysql/login/target-door.ts',
    'mysql/sql/text/dialect.ts',
    'mysql/wire/login/auth.ts',
    'sql/access.ts',
  ],
  'gateway/grant-recorder.ts': [
    'mysql/session/xa.ts',
  ],
  'gateway/held-entries.ts': [
    'sql/privileges/describe-privilege.ts',
  ],
  'gateway/open-grant.ts': [
    'mysql/account/end-account.ts',
    'mysql/judge/grant-statements.ts',
  ],
  'gateway/ports.ts': [
    'mysql/wire/login/auth.ts',
    'sql/access.ts',
    'sql/statement.ts',
  ],
  'gateway/statement-gate.ts': [
    'mysql/charset/character-sets.ts',
    'mysql/judge/judgement.ts',
    'mysql/preview/previewed-statement.ts',
    'mysql/preview/session-settings.ts',
    'mysql/sql/text/one-line.ts',
    'mysql/wire/packets.ts',
    'sql/catalog/can-roll-back.ts',
    'sql/privilege.ts',
    'sql/privileges/describe-privilege.ts',
    'sql/privileges/no-door.ts',
    'sql/privileges/privilege-door.ts',
    'sql/privileges/turn-wait.ts',
    'sql/privileges/turns.ts',
    'sql/statement-key.ts',
    'sql/statement.ts',
  ],
  'persistence/approvals/approval-asking.ts': [
    'sql/statement.ts',
  ],
  'persistence/entities/approval.ts': [
    'sql/access.ts',
    'sql/statement.ts',
  ],
  'persistence/entities/grant.ts': [
    'sql/access.ts',
  ],
  'persistence/state/data-source.ts': [
    'sql/policy/default-bundle.ts',
  ],
  'policy/cedar-entities.ts': [
    'sql/policy/schema.ts',
  ],
  'policy/cedar-policies.test.ts': [
    'sql/policy/questions.ts',
  ],
  'policy/cedar-policies.ts': [
    'sql/policy/questions.ts',
  ],
  'policy/outlook.test.ts': [
    'sql/policy/default-bundle.ts',
  ],
  'policy/outlook.ts': [
    'sql/access.ts',
    'sql/policy/shapes.ts',
    'sql/policy/standing.ts',
    'sql/privilege.ts',
  ],
  'policy/policy-parse.ts': [
    'sql/policy/schema.ts',
  ],
  'policy/policy-set.test.ts': [
    'sql/statement.ts',
  ],
  'policy/policy-set.ts': [
    'sql/policy/questions.ts',
    'sql/policy/why.ts',
  ],
  'policy/scenes.fixture.ts': [
    'sql/statement.ts',
  ],
  'protocols/sql/catalog/catalog-watch.ts': [
    'mysql/catalog/target-catalog.ts',
  ],
  'protocols/sql/privileges/holdings.ts': [
    'mysql/account/sql-quote.ts',
  ],
  'protocols/sql/privileges/privilege-door.ts': [
    'mysql/account/account-holdings.ts',
    'mysql/account/admin-connection.ts',
    'mysql/account/provisioning.ts',
    'mysql/account/sql-quote.ts',
    'mysql/locks/lock-waits.ts',
  ],
  'protocols/sql/privileges/turn-wait.ts': [
    'mysql/locks/lock-waits.ts',
  ],
  'protocols/sql/statement-key.test.ts': [
    'mysql/judge/judgement.ts',
    'mysql/session/bulk-rows.ts',
    'mysql/sql/analyse.ts',
    'mysql/sql/text/dialect.ts',
  ],
  'protocols/sql/statement-key.ts': [
    'mysql/judge/judgement.ts',
    'mysql/preview/session-settings.ts',
    'mysql/sql/shape/fingerprint.ts',
  ],
  'recording/replay/transcript.ts': [
    'mysql/charset/character-sets.ts',
  ],
};
