import { describe, expect, it } from 'vitest';
import { PERMISSIONS, ROLE_PERMISSIONS } from '../domain/principal.js';
import { ALLOWANCES, isAllowance } from './limits/allowances.js';
import { PAGE_CALLS } from './page/page-paths.js';
import { ROUTES } from './routes.fixture.js';

describe('every route', () => {
  it('is found', () => {
    expect(ROUTES.length).toBeGreaterThan(20);
  });

  it.each(ROUTES)('$name says who may call it', ({ access }) => {
    expect(access).toBeDefined();
  });
});

describe('the public routes', () => {
  it('are the entrance, signing in and out, the page, those of operations and of errors, the metadata of the MCP server, what Slack calls, and no other', () => {
    const open = ROUTES.filter(({ access }) => access !== undefined && 'public' in access);
    const page = PAGE_CALLS.map((call) => call.replaceAll(/\{(\w+)\}/g, ':$1'));
    expect(page).toHaveLength(26);
    expect(open.map(({ name }) => name).sort()).toEqual(
      [
        ...page,
        'GET /',
        'GET /.well-known/oauth-protected-resource',
        'GET /.well-known/oauth-protected-resource/mcp',
        'GET /auth/finish',
        'GET /auth/link/:secret',
        'GET /auth/oidc/:provider',
        'GET /auth/oidc/:provider/callback',
        'GET /auth/saml/:provider',
        'GET /auth/saml/:provider/metadata',
        'GET /auth/sign-in',
        'GET /docs/errors',
        'GET /favicon.ico',
        'GET /health/live',
        'GET /health/ready',
        'GET /llms.txt',
        'GET /metrics',
        'POST /auth/device',
        'POST /auth/device/token',
        'POST /auth/saml/:provider/acs',
        'POST /auth/sign-out',
        'POST /slack/commands',
        'POST /slack/interactivity',
      ].sort(),
    );
  });
});

describe('the limits', () => {
  it.each(ROUTES)('$name says what its calls count as', ({ allowance }) => {
    expect(allowance).toBeDefined();
  });

  it('of addresses are those of routes without a key, and those of principals belong to the others', () => {
    for (const { name, access, allowance = '' } of ROUTES) {
      const owner = isAllowance(allowance) ? ALLOWANCES[allowance].of : 'address';
      const isPublic = access !== undefined && 'public' in access;
      expect(owner === 'address', name).toBe(isPublic);
    }
  });

  it('that are more than that of all calls stand where a call costs more than others', () => {
    const special = ROUTES.filter(({ allowance = '' }) => !['calls', 'pages', 'nothing'].includes(allowance));
    const named = special.map(({ name, allowance }) => `${name}: ${allowance}`);
    expect(named).toEqual(
      expect.arrayContaining([
        'GET /auth/link/:secret: first-links',
        'GET /v1/me/devices/:code: device-codes',
        'POST /auth/device: device-starts',
        'POST /auth/device/token: device-polls',
        'POST /v1/me/devices/:code: device-codes',
        'GET /auth/saml/:provider: sign-in-starts',
        'GET /v1/recordings/:grantId/entries: entries',
        'POST /auth/saml/:provider/acs: sign-in-callbacks',
        'POST /mcp: mcp',
        'POST /v1/approvals/:id/decisions: decisions',
        'POST /v1/grants: grants',
        'POST /v1/identity-mapping/try: tries',
        'POST /v1/policies/try: tries',
      ]),
    );
  });

  it('hold for everything but probes and metrics', () => {
    const uncounted = ROUTES.filter(({ allowance }) => allowance === 'nothing');
    expect(uncounted.map(({ name }) => name).sort()).toEqual(['GET /health/live', 'GET /health/ready', 'GET /metrics']);
  });
});

describe('an agent', () => {
  const allowed = new Set<string>(ROLE_PERMISSIONS.agent);

  it('reaches nothing that changes principals, targets or the grants of others', () => {
    const reached = ROUTES.filter(({ access }) => access && 'permission' in access && allowed.has(access.permission));
    expect(reached.map(({ name }) => name).sort()).toEqual([
      'GET /v1/approvals',
      'GET /v1/approvals/:id',
      'GET /v1/approvals/counts',
      'GET /v1/approvals/events',
      'GET /v1/approvals/export', // of its own, as the list
      'GET /v1/grants',
      'GET /v1/grants/:id',
      'GET /v1/keys',
      'GET /v1/me',
      'GET /v1/targets',
      'GET /v1/targets/:name',
      'POST /mcp', // which calls the others with the agent's own credential
      'POST /v1/grants',
      'POST /v1/grants/:id/close',
      'POST /v1/grants/:id/connection',
    ]);
  });
});

it('every permission of the table is known', () => {
  for (const { access } of ROUTES) {
    if (access && 'permission' in access) expect(PERMISSIONS).toContain(access.permission);
  }
});
