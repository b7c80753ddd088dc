import { describe, expect, it } from 'vitest';
import { targetChange } from '../../contracts/grants/target.js';
import { newTargetId } from '../../domain/ids.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import type { TargetRules } from '../../protocol/target-rules.js';
import { planChange } from './target-change.js';

/** Takes what it is asked for; more sessions are more than before. */
const RULES: TargetRules = {
  registered: () => ({ limits: row.limits, defaultDatabase: null }),
  changed: ({ limits, defaultDatabase }, asked) => ({
    terms: {
      limits: { ...limits, ...asked.limits },
      defaultDatabase: asked.defaultDatabase === undefined ? defaultDatabase : asked.defaultDatabase,
    },
    asksForMore: JSON.stringify(asked.limits ?? null).includes('rooms'),
  }),
};

const row: TargetRow = {
  id: newTargetId(),
  name: 'shop',
  protocol: 'echo',
  revision: 1,
  host: 'db.example',
  port: 3306,
  tls: { mode: 'verify-ca', ca: 'PEM' },
  credentials: 'dynamic',
  username: 'prov',
  sealedPassword: 'sealed',
  defaultDatabase: 'shop',
  labels: { team: 'a' },
  limits: { ttlSecondsMax: 60, sessionsMax: 2 },
  report: null,
  createdAtMs: 0,
  lastLook: null,
};

function plan(request: unknown) {
  return planChange(row, targetChange.parse(request), RULES);
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

  it('that lets grants carry more, as its protocol sees it, is looked at', () => {
    expect(plan({ limits: { rooms: 2 } })).toMatchObject({
      settings: { limits: { ttlSecondsMax: 60, sessionsMax: 2, rooms: 2 }, defaultDatabase: 'shop' },
      dropsPassword: false,
      mustBeUnused: false,
      mustInspect: true,
    });
  });

  it('of the host alone starts from the default TLS of that host', () => {
    expect(plan({ host: 'other.example' }).settings.tls).toEqual({ mode: 'verify-identity' });
    expect(plan({ host: 'other.example', tls: { mode: 'unverified' } }).settings.tls).toEqual({ mode: 'unverified' });
  });

  it.each([{}, { name: 'x' }, { host: '-x' }])('is refused: %o', (request) => {
    expect(targetChange.safeParse(request).success).toBe(false);
  });
});
