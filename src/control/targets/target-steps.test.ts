import { describe, expect, it } from 'vitest';
import type { JobFailure } from '../../queue/jobs.js';
import { failedStep, missingGrants, stepsDone, stepsUntil } from './target-steps.js';

const ASKED = { tls: { mode: 'verify-identity' }, credentials: 'dynamic', defaultDatabase: 'shop' } as const;
const BARE = { tls: { mode: 'off' }, credentials: 'static', defaultDatabase: null } as const;

function failure(code: JobFailure['code'], fields: object = {}): JobFailure {
  return { ok: false, code, fields: { ...fields } };
}

describe('the step at which a test of a target failed', () => {
  it.each([
    ['target_tls_untrusted', 'tls'],
    ['target_login_refused', 'login'],
    ['target_unsupported', 'version'],
    ['target_privileges_missing', 'privileges'],
    ['target_database_missing', 'database'],
    ['target_unreachable', 'connect'],
  ] as const)('follows from its code: %s', (code, step) => {
    expect(failedStep(failure(code))).toBe(step);
  });

  it('is what the gateway names, where it does', () => {
    expect(failedStep(failure('target_unreachable', { step: 'resolve' }))).toBe('resolve');
    expect(failedStep(failure('target_login_refused', { step: 'connect' }))).toBe('connect');
    expect(failedStep(failure('target_unreachable', { step: 'a step of a later version' }))).toBe('connect');
  });

  it('is none of a fault that says nothing of the target', () => {
    expect(failedStep(failure('internal'))).toBeUndefined();
    expect(failedStep(failure('protocol_unknown'))).toBeUndefined();
  });
});

describe('the steps of a test', () => {
  it('end where it failed', () => {
    expect(stepsUntil('login', ASKED, 'no')).toEqual([
      { step: 'resolve', outcome: 'ok', detail: null },
      { step: 'connect', outcome: 'ok', detail: null },
      { step: 'tls', outcome: 'ok', detail: null },
      { step: 'login', outcome: 'failed', detail: 'no' },
      { step: 'version', outcome: 'not-reached', detail: null },
      { step: 'privileges', outcome: 'not-reached', detail: null },
      { step: 'database', outcome: 'not-reached', detail: null },
    ]);
  });

  it('say what was found, and what the registration does not ask for', () => {
    const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
    const report = { flavour: 'mysql', version: '9.7.0', tls, checkedAt: '2026-01-01T00:00:00Z' };
    expect(stepsDone(ASKED, report).map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['ok', null],
      ['ok', null],
      ['ok', 'TLSv1.3, TLS_AES_256_GCM_SHA384'],
      ['ok', null],
      ['ok', 'mysql, 9.7.0'],
      ['ok', null],
      ['ok', 'shop'],
    ]);
    const outcomes = stepsDone(BARE, { ...report, tls: null }).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['ok', 'ok', 'off', 'ok', 'ok', 'off', 'off']);
  });

  it('have the GRANT statements that are missing, and nothing that is no list of texts', () => {
    const missing = ["GRANT PROCESS ON *.* TO 'p'@'%'"];
    expect(missingGrants(failure('target_privileges_missing', { missing }))).toEqual(missing);
    expect(missingGrants(failure('target_privileges_missing', { missing: 'GRANT' }))).toEqual([]);
  });
});
