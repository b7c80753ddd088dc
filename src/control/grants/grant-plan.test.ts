import { describe, expect, it } from 'vitest';
import { grantRequest } from '../../contracts/grants/grant.js';
import { newPrincipalId, newTargetId } from '../../domain/ids.js';
import type { TargetRow } from '../../persistence/entities/grants/target.js';
import { ECHO_ACCESS_WORDS } from '../../../test/support/echo/client-words.js';
import type { GrantRules } from '../../protocol/grant-rules.js';
import { newTaskAccount } from './task-account.js';
import { planGrant } from './grant-plan.js';

const target: TargetRow = {
  id: newTargetId(),
  name: 'shop',
  protocol: 'echo',
  revision: 1,
  host: 'echo.example',
  port: 7,
  tls: { mode: 'verify-identity' },
  credentials: 'dynamic',
  username: 'provisioner',
  sealedPassword: 'a JWE',
  defaultDatabase: null,
  labels: {},
  limits: { ttlSecondsMax: 600, sessionsMax: 4 },
  report: { flavour: 'echo', version: '1', tls: null, checkedAt: '2026-01-01T00:00:00Z' },
  createdAtMs: 0,
  lastLook: null,
};
const requester = { id: newPrincipalId(), name: 'bot', kind: 'agent', sponsor: null } as const;
const verifier = { protocol: 'echo' };

/** Gives what it is asked for; the words are the protocol's. */
const rules: GrantRules = {
  words: ECHO_ACCESS_WORDS,
  plan: (asked = [{ room: 'lobby' }]) => ({ access: asked, database: null }),
  widest: () => [],
  inWords: (rule) => JSON.stringify(rule),
  beyond: (access) => access,
  newCredential: () => ({ secret: '', verifier }),
  verifierOf: () => verifier,
  isSecretOf: () => false,
  connection: () => ({ dsn: '', env: {}, files: {}, folderEnv: [], programs: [], clients: {} }),
};

function plan(request: object = {}, changed: Partial<TargetRow> = {}) {
  const parsed = grantRequest.parse({ target: 'shop', task: { title: 'Count' }, ttlSeconds: 60, ...request });
  return planGrant({
    requester,
    target: { ...target, ...changed },
    request: parsed,
    rules,
    verifier,
    nowMs: 1_000_000,
  });
}

describe('the plan of a grant', () => {
  it('has the protocol of its target and what the protocol plans, and the deadline from the request on', () => {
    expect(plan()).toMatchObject({
      principalName: 'bot',
      targetName: 'shop',
      protocol: 'echo',
      access: [{ room: 'lobby' }],
      database: null,
      verifier,
      deadlineAtMs: 1_060_000,
      requestedAtMs: 1_000_000,
      taskReference: null,
    });
    expect(plan({ access: [{ room: 'cellar' }] }).access).toEqual([{ room: 'cellar' }]);
  });

  it.each([
    ['a time over the limit', { ttlSeconds: 601 }, {}, 'grant_ttl_over_limit'],
    ['a target without a credential', {}, { sealedPassword: null }, 'target_credential_missing'],
    ['a target that nobody has looked at', {}, { report: null }, 'target_credential_missing'],
  ])('is refused for %s', (_, request, changed, code) => {
    expect(() => plan(request, changed)).toThrow(expect.objectContaining({ code }));
  });
});

it('the name of a task account is new every time', () => {
  expect(newTaskAccount()).toMatch(/^dw_[a-z2-7]{20}$/);
  expect(newTaskAccount()).not.toBe(newTaskAccount());
});
