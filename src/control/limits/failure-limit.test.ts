import type { Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { localFailureLimit } from './failure-limit.fixture.js';

const LIMIT = { LIMIT_CREDENTIAL_FAILURES_PER_MINUTE: '2', LIMIT_SIGN_IN_FAILURES_PER_10_MINUTES: '2' };

function makeLimit(settings: Readonly<Record<string, string>> = LIMIT) {
  const time = { us: 1_000_000 };
  const clock: Clock = { ...systemClock, monotonicUs: () => time.us };
  const limit = localFailureLimit(settings, clock);
  let looks = 0;
  /** What a credential gets: `ok`, or a code. */
  const attempt = async (ip: string, authorization: string | undefined, isGood = false): Promise<string> => {
    const headers = authorization === undefined ? {} : { authorization };
    try {
      return await limit.whileTrying(requestOf(ip, headers), RESPONSE, async () => {
        looks += 1;
        if (!isGood) throw new BrokerError('unauthenticated');
        return 'ok';
      });
    } catch (error) {
      return error instanceof BrokerError ? error.code : String(error);
    }
  };
  const signIn = async (ip: string): Promise<string> => {
    try {
      await limit.requireSignInOpen(requestOf(ip, {}), RESPONSE);
      return 'ok';
    } catch (error) {
      return error instanceof BrokerError ? error.code : String(error);
    }
  };
  return { time, limit, attempt, signIn, looks: () => looks };
}

describe('credentials that do not work', () => {
  it('are looked at so and so often from one address, and then not at all for a while', async () => {
    const { attempt, looks, time } = makeLimit();
    const tries = ['a', 'b', 'c', 'd'];
    const codes = [];
    for (const key of tries) codes.push(await attempt('203.0.113.7', key));
    expect(codes).toEqual(['unauthenticated', 'unauthenticated', 'too_many_requests', 'too_many_requests']);
    expect(looks()).toBe(3);
    expect(await attempt('203.0.113.8', 'a')).toBe('unauthenticated');
    time.us += 31_000_000;
    expect(await attempt('203.0.113.7', 'a')).toBe('unauthenticated');
  });

  it('keep nobody out whose own has worked lately', async () => {
    const { attempt, time } = makeLimit();
    expect(await attempt('203.0.113.7', 'good', true)).toBe('ok');
    for (const key of ['a', 'b', 'c']) await attempt('203.0.113.7', key);
    expect(await attempt('203.0.113.7', 'a')).toBe('too_many_requests');
    expect(await attempt('203.0.113.7', 'good', true)).toBe('ok');
    // It was revoked meanwhile: now it is one of those that do not work.
    expect(await attempt('203.0.113.7', 'good')).toBe('too_many_requests');
    expect(await attempt('203.0.113.7', 'good', true)).toBe('too_many_requests');
    time.us += 60_000_000;
    expect(await attempt('203.0.113.7', 'good', true)).toBe('ok');
  });

  it('are not counted where there is none', async () => {
    const { attempt } = makeLimit();
    for (let count = 0; count < 5; count += 1) {
      expect(await attempt('203.0.113.7', undefined)).toBe('unauthenticated');
    }
  });

  it('are looked at without end where the operator set no limit', async () => {
    const { attempt } = makeLimit({ LIMIT_CREDENTIAL_FAILURES_PER_MINUTE: '0' });
    for (let count = 0; count < 100; count += 1) expect(await attempt('203.0.113.7', 'a')).toBe('unauthenticated');
  });
});

describe('sign-ins that fail', () => {
  it('close their address for a while, and no other', async () => {
    const { limit, signIn, time } = makeLimit();
    await limit.signInFailed(requestOf('203.0.113.7', {}));
    expect(await signIn('203.0.113.7')).toBe('ok');
    await limit.signInFailed(requestOf('203.0.113.7', {}));
    expect([await signIn('203.0.113.7'), await signIn('203.0.113.8')]).toEqual(['too_many_requests', 'ok']);
    time.us += 300_000_000;
    expect(await signIn('203.0.113.7')).toBe('ok');
  });
});

const RESPONSE = { setHeader: () => RESPONSE } as unknown as Response;

function requestOf(ip: string, headers: object): Request {
  return { ip, headers } as unknown as Request;
}
