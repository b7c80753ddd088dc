import { describe, expect, it } from 'vitest';
import { targetSpec } from '../apply-document.js';
import { patchOf, type TargetFields, wantedFields, wantsPasswordAgain } from './target-fields.js';

const BEFORE: TargetFields = {
  protocol: 'mysql',
  host: '127.0.0.1',
  port: 3306,
  tls: { mode: 'off' },
  username: 'prov',
  credentials: 'dynamic',
  defaultDatabase: 'shop',
  labels: { team: 'a' },
  limits: { ttlSecondsMax: 60, privileges: ['SELECT'], databases: ['shop'], sessionsMax: 16 },
};

function wanted(spec: object): TargetFields {
  return wantedFields(BEFORE, targetSpec.parse({ host: '127.0.0.1', username: 'prov', ...spec }));
}

const patch = (spec: object): unknown => patchOf(BEFORE, wanted(spec));

describe('what a document makes of a target', () => {
  it('is nothing where it names what is there already, or does not name it', () => {
    expect(patch({})).toEqual({});
    expect(patch({ port: 3306, limits: { ttlSecondsMax: 60 }, labels: { team: 'a' } })).toEqual({});
  });

  it('is each value that differs, of the limits each by itself', () => {
    expect(patch({ limits: { ttlSecondsMax: 90 }, credentials: 'static' })).toEqual({
      credentials: 'static',
      limits: { ttlSecondsMax: 90 },
    });
  });

  it('takes away what is null', () => {
    expect(patch({ defaultDatabase: null, limits: { databases: null }, labels: {} })).toEqual({
      defaultDatabase: null,
      labels: {},
      limits: { databases: null },
    });
    expect(wantedFields({}, targetSpec.parse({ host: 'h', username: 'u', limits: { databases: null } }))).toEqual({
      host: 'h',
      username: 'u',
      limits: {},
    });
  });

  it('has the default TLS of another host, unless it says it', () => {
    expect(patch({ host: 'DB.example' })).toEqual({ host: 'db.example', tls: { mode: 'verify-identity' } });
    expect(patch({ host: 'db.example', tls: { mode: 'off' } })).toEqual({ host: 'db.example' });
  });
});

it('a password is for one place and account', () => {
  expect(wantsPasswordAgain(BEFORE, wanted({ limits: { sessionsMax: 2 }, labels: {} }))).toBe(false);
  for (const spec of [{ port: 1 }, { host: 'h' }, { username: 'x' }, { tls: { mode: 'unverified' } }]) {
    expect(wantsPasswordAgain(BEFORE, wanted(spec))).toBe(true);
  }
});
