import { describe, expect, it } from 'vitest';
import { grantRequest } from '../../contracts/grant.js';
import { newPrincipalId, newTargetId } from '../../domain/ids.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import type { MysqlReport } from '../../protocols/mysql/report.js';
import { MYSQL_GRANTS } from '../../protocols/mysql/grant-rules.js';
import type { SqlLimits } from '../../protocols/sql/target-rules.js';
import { newTaskAccount } from './task-account.js';
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
const limits: SqlLimits = { ttlSecondsMax: 600, privileges: ['SELECT', 'INSERT'], sessionsMax: 4 };
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
  limits,
  report,
  createdAtMs: 0,
};
const requester = { id: newPrincipalId(), name: 'bot', kind: 'agent' } as const;
const { verifier } = MYSQL_GRANTS.newCredential();

function plan(request: object = {}, changed: Partial<TargetRow> = {}) {
  const parsed = grantRequest.parse({ target: 'shop', task: { title: 'Count' }, ttlSeconds: 60, ...request });
  return planGrant({
    requester,
    target: { ...target, ...changed },
    request: parsed,
    rules: MYSQL_GRANTS,
    verifier,
    nowMs: 1_000_000,
  });
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

it('the name of a task account is new every time', () => {
  expect(newTaskAccount()).toMatch(/^dw_[a-z2-7]{20}$/);
  expect(newTaskAccount()).not.toBe(newTaskAccount());
});
