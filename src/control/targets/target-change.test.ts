import { describe, expect, it } from 'vitest';
import { targetChange } from '../../contracts/target.js';
import { newTargetId } from '../../domain/ids.js';
import type { TargetRow } from '../../persistence/entities/target.js';
import { SQL_TARGETS, type SqlLimits } from '../../protocols/sql/target-rules.js';
import { planChange } from './target-change.js';

const limits: SqlLimits = { ttlSecondsMax: 60, privileges: ['SELECT'], databases: ['shop'], sessionsMax: 2 };

const row: TargetRow = {
  id: newTargetId(),
  name: 'shop',
  protocol: 'mysql',
  revision: 1,
  host: 'db.example',
  port: 3306,
  tls: { mode: 'verify-ca', ca: 'PEM' },
  credentials: 'dynamic',
  username: 'prov',
  sealedPassword: 'sealed',
  defaultDatabase: 'shop',
  labels: { team: 'a' },
  limits,
  report: null,
  createdAtMs: 0,
};

function plan(request: unknown) {
  return planChange(row, targetChange.parse(request), SQL_TARGETS);
}

describe('a change of a target', () => {
  it.each([
    { host: 'other.example' },
    { username: 'other' },
    { port: 3307 },
    { tls: { mode: 'off' } },
    { tls: { mode: 'verify-ca', ca: '-----BEGIN CERTIFICATE-----' } },
  ])('of the endpoint or the account means another place for the password: %o', (request) => {
    expect(plan(request)).toMatchObject({ dropsPassword: true, mustInspect: true });
  });

  it.each([{ password: 'new' }, { credentials: 'static' }])(
    'of the password or its kind is looked at, at the same place: %o',
    (request) => {
      expect(plan(request)).toMatchObject({ dropsPassword: false, mustInspect: true });
    },
  );

  it.each([{ labels: {} }, { limits: { sessionsMax: 3 } }, { defaultDatabase: null }, { host: 'db.example' }])(
    'of anything else is not looked at: %o',
    (request) => {
      expect(plan(request)).toMatchObject({ dropsPassword: false, mustInspect: false });
    },
  );

  it.each([
    { limits: { privileges: ['SELECT', 'CREATE VIEW'] } },
    { limits: { databases: ['shop', 'other'] } },
    { limits: { databases: null } },
  ])('that lets grants carry more is looked at: %o', (request) => {
    expect(plan(request)).toMatchObject({ dropsPassword: false, mustBeUnused: false, mustInspect: true });
  });

  it('of the host alone starts from the default TLS of that host', () => {
    expect(plan({ host: 'other.example' }).settings.tls).toEqual({ mode: 'verify-identity' });
    expect(plan({ host: 'other.example', tls: { mode: 'unverified' } }).settings.tls).toEqual({ mode: 'unverified' });
  });

  it('of one limit leaves the others', () => {
    expect(plan({ limits: { ttlSecondsMax: 5 } }).settings.limits).toEqual({ ...row.limits, ttlSecondsMax: 5 });
    expect(plan({ limits: { databases: null } }).settings.limits).toEqual({
      ttlSecondsMax: 60,
      privileges: ['SELECT'],
      sessionsMax: 2,
    });
  });

  it.each([{}, { name: 'x' }, { host: '-x' }])('is refused: %o', (request) => {
    expect(targetChange.safeParse(request).success).toBe(false);
  });

  it.each([
    [{ limits: { databases: ['mysql'] } }, 'limits.databases.0: must not be a database of the server itself'],
    [{ limits: { privileges: ['FILE'] } }, 'limits.privileges.0: Invalid option'],
    [{ limits: { queries: 5 } }, 'limits: Unrecognized key: "queries"'],
    [{ defaultDatabase: 'sys' }, 'defaultDatabase: must not be a database of the server itself'],
  ])('is refused by what its protocol allows: %o', (request, detail) => {
    expect(() => plan(request)).toThrow(
      expect.objectContaining({ code: 'request_invalid', detail: expect.stringContaining(detail) }),
    );
  });
});
