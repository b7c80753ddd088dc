import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROLE_PERMISSIONS } from '../domain/principal.js';
import { agentStepOf, AGENT_STEPS } from '../kernel/agent-steps.js';
import { ERROR_CODES, ERROR_TABLE, type ErrorCode, isErrorCode } from '../kernel/errors/error-table.js';
import { WIRE_ERRORS } from '../kernel/errors/wire-errors.js';
import { FIRST_STEPS, RULES } from './entrance/first-steps.js';
import { COMMON_ERRORS, OPERATIONS } from './http/operations-table.js';
import { ROUTES } from './routes.fixture.js';

/** Before a call has found its route, and of tokens that an identity provider gave an agent. */
const BEFORE_THE_ROUTE: readonly ErrorCode[] = [
  'body_too_large',
  'route_not_found',
  'method_not_allowed',
  'token_refused',
  'signin_not_mapped',
  'signin_name_taken',
  'signin_principal_disabled',
  'signin_provider_unavailable',
];
/** Why a grant was refused or a held one came to nothing: in its `refusal`, and as the answer to a request. */
const OF_A_GRANT: readonly ErrorCode[] = [
  'target_unreachable',
  'target_login_refused',
  'target_statement_refused',
  'target_tls_unavailable',
  'target_tls_untrusted',
  'target_unsupported',
  'target_privileges_missing',
  'target_credential_missing',
  'target_database_missing',
  'encryption_key_missing',
  'grant_table_unknown',
  'grant_denied',
  'grant_approval_timed_out',
  'grant_approval_withdrawn',
];
/** On the wire besides the codes that only the wire has. */
const ON_THE_WIRE_TOO: readonly ErrorCode[] = [
  'state_unavailable',
  'recording_unavailable',
  'policy_unavailable',
  'approval_timed_out',
  'approval_cancelled',
  'approval_withdrawn',
  'approvals_over_limit',
];

const met = new Set<ErrorCode>([
  ...COMMON_ERRORS,
  ...BEFORE_THE_ROUTE,
  ...OF_A_GRANT,
  ...ON_THE_WIRE_TOO,
  ...Object.keys(WIRE_ERRORS).filter(isErrorCode),
  ...agentCalls().flatMap((call) => OPERATIONS[call]?.errors ?? []),
]);

describe('every refusal that an agent can meet', () => {
  it('is found', () => {
    expect(agentCalls()).toContain('POST /v1/grants');
    expect(met.size).toBeGreaterThan(80);
  });

  it.each([...met])('%s has a step that an agent can take', (code) => {
    expect(agentStepOf(code)?.words).toMatch(/^[A-Z].*\.$/);
  });

  it.each([...met])('%s tells first what its reader can do, and operators after that', (code) => {
    expect(ERROR_TABLE[code].next).not.toMatch(/^Operators?\b/i);
  });
});

describe('nothing that an agent reads', () => {
  const texts = [
    ...ERROR_CODES.flatMap((code) => [ERROR_TABLE[code].title, ERROR_TABLE[code].next]),
    ...Object.values(AGENT_STEPS),
    ...FIRST_STEPS,
    ...RULES,
  ];

  it('tells it to try a denied statement in other words', () => {
    const invites = /\b(rephrase|reword|rewrite|another wording|other words|a different (?:text|statement|query))\b/i;
    expect(texts.filter((text) => invites.test(text))).toEqual([]);
  });

  it.each(['statement_denied', 'statement_denied_by_approver', 'grant_denied', 'approval_withdrawn'] as const)(
    '%s is not an invitation to send it again',
    (code) => {
      expect(agentStepOf(code)?.step).toBe('stop');
      expect(ERROR_TABLE[code].next).not.toMatch(/\b(try|send|ask)\b[^;.]*\bagain\b/i);
    },
  );
});

it('docs/agents.md has every step, with codes that have it', () => {
  const page = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| ((?:`[a-z_]+`(?:, )?)+)/gm)];
  expect(rows.map(([, step]) => step)).toEqual(Object.keys(AGENT_STEPS));
  for (const [, step, codes = ''] of rows) {
    for (const [, code = ''] of codes.matchAll(/`([a-z_]+)`/g)) {
      expect(isErrorCode(code) && agentStepOf(code)?.step, code).toBe(step);
    }
  }
});

/** The calls that the role agent may make, as the description names them. */
function agentCalls(): readonly string[] {
  const may = new Set<string>(ROLE_PERMISSIONS.agent);
  const open = ROUTES.filter(({ access }) => access && 'permission' in access && may.has(access.permission));
  return open.map(({ name }) => name.replaceAll(/:(\w+)/g, '{$1}'));
}
