import { connectionForms } from '../../protocols/sql/connection-forms.js';
import { describe, expect, it } from 'vitest';
import { grantRequest } from '../../contracts/grant.js';
import { newPrincipalId, newTargetId } from '../../domain/ids.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import type { MysqlReport } from '../../protocols/mysql/report.js';
import { newEndpointCredential, newTaskAccount } from './endpoint-credential.js';
import { planGrant } from './grant-plan.js';

const report: MysqlReport = {
  flavour: 'mysql',
  version: '9.7.0',
  capabilities: 1,
  collation: 255,
  authPlugin: 'caching_sha2_password',
  tls: null,
  checkedAt: '2026-01-01T00:00:00Z',
};
const target: TargetRow = {
  id: newTargetId(),
  name: 'shop',
  protocol: 'mysql',
  revision: 1,
  host: 'db.example',
  port: 3306,
  tls: { mode: 'verify-identity' },
  credentials: 'dynamic',
  username: 'provisioner',
  sealedPassword: 'a JWE',
  defaultDatabase: 'shop',
  labels: {},
  limits: { ttlSecondsMax: 600, privileges: ['SELECT', 'INSERT'], sessionsMax: 4 },
  report,
  createdAtMs: 0,
};
const requester = { id: newPrincipalId(), name: 'bot', kind: 'agent' } as const;
const { verifier } = newEndpointCredential();

function plan(request: object = {}, changed: Partial<TargetRow> = {}) {
  const parsed = grantRequest.parse({ target: 'shop', task: { title: 'Count' }, ttlSeconds: 60, ...request });
  return planGrant({ requester, target: { ...target, ...changed }, request: parsed, verifier, nowMs: 1_000_000 });
}

describe('the plan of a grant', () => {
  it('fills in reading the default database, and the deadline from the request on', () => {
    expect(plan()).toMatchObject({
      principalName: 'bot',
      targetName: 'shop',
      access: [{ database: 'shop', privileges: ['SELECT'] }],
      database: 'shop',
      deadlineAtMs: 1_060_000,
      requestedAtMs: 1_000_000,
      taskReference: null,
    });
  });

  it('starts connections where the access reaches', () => {
    expect(plan({ access: [{ database: 'crm', privileges: ['SELECT'] }] }).database).toBe('crm');
  });

  it.each([
    ['a time over the limit', { ttlSeconds: 601 }, {}, 'grant_ttl_over_limit'],
    [
      'a privilege over the limit',
      { access: [{ database: 'shop', privileges: ['DROP'] }] },
      {},
      'grant_privileges_over_limit',
    ],
    ['no access where no database is the default', {}, { defaultDatabase: null }, 'grant_access_missing'],
    ['a target without a credential', {}, { sealedPassword: null }, 'target_credential_missing'],
  ])('is refused for %s', (_, request, changed, code) => {
    expect(() => plan(request, changed)).toThrow(expect.objectContaining({ code }));
  });
});

describe('credentials of endpoints', () => {
  it('are new every time', () => {
    expect(newEndpointCredential().password).not.toBe(newEndpointCredential().password);
    expect(newTaskAccount()).toMatch(/^dw_[a-z2-7]{20}$/);
    expect(newTaskAccount()).not.toBe(newTaskAccount());
  });

  it('come back out of the DSN that they went into', () => {
    const connection = { host: '::1', port: 3307, username: 'u@x', password: 'p:/?#%', database: 'a b', ca: 'PEM' };
    const url = new URL(connectionForms(connection).dsn);
    expect(url.hostname).toBe('[::1]');
    expect([url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent)).toEqual([
      'u@x',
      'p:/?#%',
      'a b',
    ]);
  });
});
