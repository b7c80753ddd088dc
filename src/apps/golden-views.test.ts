import { expect, it } from 'vitest';
import { connectionViewOf, grantViewOf } from '../control/grants/grant-view.js';
import { targetViewOf } from '../control/targets/target-view.js';
import { newGrantId, newPrincipalId, newTargetId } from '../domain/ids.js';
import type { GrantRow } from '../persistence/entities/grants/grant.js';
import type { TargetRow } from '../persistence/entities/grants/target.js';
import { clientsView } from '../protocols/mysql/clients-view.js';
import type { MysqlReport } from '../protocols/mysql/report.js';
import { MYSQL } from '../protocols/mysql/target.js';
import type { SqlLimits } from '../protocols/sql/target-rules.js';

const limits: SqlLimits = { ttlSecondsMax: 60, privileges: ['SELECT'], databases: ['shop'], sessionsMax: 2 };
const report: MysqlReport = {
  flavour: 'mariadb',
  version: '10.11.6-MariaDB',
  capabilities: 1,
  collation: 45,
  authPlugin: 'mysql_native_password',
  tls: null,
  checkedAt: '2026-01-01T00:00:00Z',
};
const target: TargetRow = {
  id: newTargetId(),
  name: 'shop',
  protocol: 'mysql',
  revision: 1,
  host: 'db.internal',
  port: 3306,
  tls: { mode: 'verify-identity' },
  credentials: 'dynamic',
  username: 'prov',
  sealedPassword: 'a JWE',
  defaultDatabase: 'shop',
  labels: { team: 'a' },
  limits,
  report,
  createdAtMs: 0,
  lastLook: null,
};
const grant: GrantRow = {
  id: newGrantId(),
  principalId: newPrincipalId(),
  principalName: 'bot',
  principalKind: 'agent',
  sponsor: null,
  taskTitle: 'Count',
  taskReference: null,
  targetId: target.id,
  targetName: 'shop',
  protocol: 'mysql',
  access: [{ database: 'shop', tables: ['orders'], privileges: ['SELECT'] }],
  database: 'shop',
  ttlSeconds: 60,
  onHold: 'wait',
  deadlineAtMs: 60_000,
  state: 'active',
  closeReason: null,
  closedBy: null,
  refuseCode: null,
  refuseDetail: null,
  taskAccount: 'dw_of_this_test',
  approvalId: null,
  approvedAtMs: null,
  gatewayId: null,
  endpointHost: '127.0.0.1',
  endpointPort: 33_101,
  endpointCa: 'PEM',
  verifier: { protocol: 'mysql' },
  nativeHash: null,
  cachingSha2Hash: null,
  connectionShownAtMs: null,
  connectionKeptAtMs: null,
  reaperId: null,
  reaperUntilMs: null,
  requestedAtMs: 0,
  activeAtMs: 10,
  closingAtMs: null,
  endedAtMs: null,
  sealedAtMs: null,
};

/** What programs read since before targets had a protocol; fields may be added, and none of these changes. */
it('a target of mysql is shown as ever, and says its protocol', () => {
  const { protocol, lastLook, openTasks, warnings, ...shown } = targetViewOf(target, 1);
  expect(protocol).toBe('mysql');
  expect({ lastLook, openTasks, warnings }).toEqual({ lastLook: null, openTasks: 1, warnings: [] });
  expect(JSON.parse(JSON.stringify(shown))).toEqual({
    id: target.id,
    name: 'shop',
    defaultDatabase: 'shop',
    labels: { team: 'a' },
    limits: { ttlSecondsMax: 60, privileges: ['SELECT'], databases: ['shop'], sessionsMax: 2 },
    report: { flavour: 'mariadb', version: '10.11.6-MariaDB', tls: null, checkedAt: '2026-01-01T00:00:00Z' },
    host: 'db.internal',
    port: 3306,
    tls: { mode: 'verify-identity' },
    credentials: 'dynamic',
    username: 'prov',
    hasCredential: true,
    createdAt: '1970-01-01T00:00:00.000Z',
  });
});

it('a grant on it is shown as ever, and says its protocol', () => {
  const { protocol, sponsor, ...shown } = grantViewOf(grant);
  expect([protocol, sponsor]).toEqual(['mysql', null]);
  expect(JSON.parse(JSON.stringify(shown))).toEqual({
    id: grant.id,
    state: 'active',
    principal: { id: grant.principalId, name: 'bot', kind: 'agent' },
    target: 'shop',
    task: { title: 'Count', reference: null },
    access: [{ database: 'shop', tables: ['orders'], privileges: ['SELECT'] }],
    ttlSeconds: 60,
    onHold: 'wait',
    approval: null,
    deadline: '1970-01-01T00:01:00.000Z',
    closeReason: null,
    closedBy: null,
    refusal: null,
    requestedAt: '1970-01-01T00:00:00.000Z',
    activeAt: '1970-01-01T00:00:00.010Z',
    closingAt: null,
    sealedAt: null,
  });
});

it('its connection has what it had, and option files besides', () => {
  const { protocol, dsn, env, files, folderEnv, programs, clients, ...shown } = connectionViewOf(
    grant,
    MYSQL.grants,
    'secret',
  );
  expect(protocol).toBe('mysql');
  expect(shown).toEqual({
    host: '127.0.0.1',
    port: 33_101,
    username: 'dw_of_this_test',
    password: 'secret',
    database: 'shop',
    tls: { ca: 'PEM' },
  });
  expect(dsn).toBe(
    'mysql://dw_of_this_test:secret@127.0.0.1:33101/shop?ssl=%7B%22ca%22%3A%22PEM%22%2C%22verifyIdentity%22%3Atrue%7D',
  );
  expect(env).toEqual({
    MYSQL_HOST: '127.0.0.1',
    MYSQL_TCP_PORT: '33101',
    MYSQL_USER: 'dw_of_this_test',
    MYSQL_PWD: 'secret',
    MYSQL_DATABASE: 'shop',
    MYSQL_SSL_CA: 'doorwarden-ca.pem',
    DATABASE_URL: dsn,
  });
  expect(files).toMatchObject({ 'doorwarden-ca.pem': 'PEM' });
  expect(folderEnv).toEqual(['MYSQL_HOME']);
  expect(programs.map(({ name }) => name)).toEqual(['mariadb', 'mysql']);
  expect(Object.keys(clients)).toEqual(Object.keys(clientsView.shape));
});
