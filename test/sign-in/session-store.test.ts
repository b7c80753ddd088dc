import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import express, { type Request, type Response as ExpressResponse } from 'express';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { VerifiedIdentity } from '../../src/domain/identity/verified-identity.js';
import { newPrincipalId } from '../../src/domain/ids.js';
import { Admission } from '../../src/control/sign-in/providers/admission.js';
import { PublicAddress } from '../../src/control/sign-in/browser/public-address.js';
import { Sessions } from '../../src/control/sign-in/sessions/sessions.js';
import { SignIns } from '../../src/control/sign-in/sign-ins.js';
import { loadApiConfig } from '../../src/config/api.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { systemClock } from '../../src/kernel/clock.js';
import { OneTimeValues } from '../../src/messaging/one-time-values.js';
import { connectForCommands } from '../../src/messaging/redis.js';
import { ValueSigner } from '../../src/messaging/value-signer.js';
import { MADE_BY_OPERATOR, type PrincipalRow } from '../../src/persistence/entities/identity/principal.js';
import { servers } from '../support/engines.js';
import { cookieIn } from '../support/sign-in.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const signer = new ValueSigner(randomBytes(32));
const prefix = `test-${randomBytes(6).toString('hex')}`;
const identity: VerifiedIdentity = {
  provider: 'corp',
  kind: 'oidc',
  issuer: 'https://idp.example',
  subject: 'alice',
  claims: { groups: ['dba'] },
  authAtMs: 1,
  acr: null,
  amr: [],
  email: null,
  displayName: null,
  untilMs: null,
  providerSession: null,
};
let redis: Redis;
let nowMs = 0;

beforeAll(async () => {
  redis = connectForCommands(servers().redis.url, { warn: () => undefined });
  await redis.connect();
});
afterAll(() => redis?.disconnect());
beforeEach(() => {
  nowMs = Date.now();
});

function sessionsWith(limits = { idleMs: 30 * MINUTE_MS, absoluteMs: 10 * HOUR_MS }): Sessions {
  return new Sessions({ redis, prefix, limits, clock: { ...systemClock, nowMs: () => nowMs }, signer });
}

const wanted = (untilMs: number | null = null, who: VerifiedIdentity | null = identity) => ({
  principal: newPrincipalId(),
  epoch: 3,
  identity: who,
  untilMs,
  address: '127.0.0.1',
  userAgent: 'x'.repeat(1_000),
});

describe('the store of sessions', () => {
  it('keeps what the provider said, and a bounded name of the browser', async () => {
    const sessions = sessionsWith();
    const { secret: cookie, session } = await sessions.open(wanted());
    const found = await sessions.find(cookie);
    expect(found).toEqual(session);
    expect(found).toMatchObject({ identity, epoch: 3, authAtMs: 1 });
    expect(found?.userAgent).toHaveLength(300);
  });

  it('opens none for a command line once the session in which it was allowed has ended, though it was there a moment before', async () => {
    const sessions = sessionsWith();
    const of = wanted();
    const device = { client: 'doorwarden/1.2.3', machine: 'ana@laptop' };
    await sessions.open(of);
    const { session: allowedIn } = await sessions.open(of);
    const { session } = await sessions.open({ ...of, device, allowedIn });
    expect(await sessions.listOf(of.principal)).toHaveLength(3);
    const [seen] = (await sessions.listOf(of.principal)).filter(({ id }) => id === allowedIn.id);
    if (seen === undefined) throw new Error('It has ended already');
    await sessions.end(of.principal, [allowedIn]);
    await expect(sessions.open({ ...of, device, allowedIn: seen })).rejects.toMatchObject({ code: 'expired_token' });
    const left = await sessions.listOf(of.principal);
    expect(left).toHaveLength(2);
    expect(left.map(({ id }) => id)).toContain(session.id);
  });

  it('lets a command line in or not, and nothing between, while that session is being ended', async () => {
    const sessions = sessionsWith();
    for (let round = 0; round < 50; round += 1) {
      const of = wanted();
      const { session: allowedIn } = await sessions.open(of);
      const device = { client: 'doorwarden/1.2.3', machine: 'ana@laptop' };
      const [opened] = await Promise.allSettled([
        sessions.open({ ...of, device, allowedIn }),
        sessions.end(of.principal, [allowedIn]),
      ]);
      const left = await sessions.listOf(of.principal);
      const secret = opened.status === 'fulfilled' ? opened.value.session.id : undefined;
      expect(left.map(({ id }) => id)).toEqual(secret === undefined ? [] : [secret]);
    }
  });

  it('ends one that nobody uses for thirty minutes, and none that somebody does', async () => {
    const sessions = sessionsWith();
    const { secret: cookie, session } = await sessions.open(wanted());
    nowMs += 29 * MINUTE_MS;
    await sessions.renew(session);
    nowMs += 29 * MINUTE_MS;
    expect(await sessions.find(cookie)).toBeDefined();
    nowMs += MINUTE_MS;
    expect(await sessions.find(cookie)).toBeUndefined();
  });

  it('writes what was used to the minute alone', async () => {
    const sessions = sessionsWith();
    const { secret: cookie, session } = await sessions.open(wanted());
    nowMs += MINUTE_MS - 1;
    await sessions.renew(session);
    expect((await sessions.find(cookie))?.lastSeenMs).toBe(session.lastSeenMs);
    nowMs += 1;
    await sessions.renew(session);
    expect((await sessions.find(cookie))?.lastSeenMs).toBe(nowMs);
  });

  it('ends every one after ten hours, however much it is used', async () => {
    const sessions = sessionsWith();
    const { secret: cookie } = await sessions.open(wanted());
    for (let minutes = 0; minutes < 590; minutes += 10) {
      nowMs += 10 * MINUTE_MS;
      const found = await sessions.find(cookie);
      if (found === undefined) throw new Error(`It ended after ${minutes} minutes`);
      await sessions.renew(found);
    }
    nowMs += 10 * MINUTE_MS;
    expect(await sessions.find(cookie)).toBeUndefined();
  });

  it.each([
    ['the provider', wanted(null, { ...identity, untilMs: Date.now() + HOUR_MS })],
    ['a link', wanted(Date.now() + HOUR_MS, null)],
  ])('ends one when %s says so', async (_, opening) => {
    const sessions = sessionsWith({ idleMs: 2 * HOUR_MS, absoluteMs: 10 * HOUR_MS });
    const { secret: cookie } = await sessions.open(opening);
    nowMs += HOUR_MS - MINUTE_MS;
    expect(await sessions.find(cookie)).toBeDefined();
    nowMs += 2 * MINUTE_MS;
    expect(await sessions.find(cookie)).toBeUndefined();
  });

  it('begins none that is over already, and none with more claims than it keeps', async () => {
    const over = sessionsWith().open(wanted(nowMs - 1));
    await expect(over).rejects.toMatchObject({ code: 'signin_refused', fields: { check: 'session_over' } });
    const groups = Array.from({ length: 10_000 }, (_, n) => `group-${n}`);
    const large = sessionsWith().open(wanted(null, { ...identity, claims: { groups } }));
    await expect(large).rejects.toMatchObject({ code: 'signin_refused', fields: { check: 'claims_too_large' } });
  });

  it('does not bring back one that ended while it was renewed', async () => {
    const sessions = sessionsWith();
    const { secret: cookie, session } = await sessions.open(wanted());
    await sessions.end(session.principal, [session]);
    nowMs += 5 * MINUTE_MS;
    await sessions.renew(session);
    expect(await sessions.find(cookie)).toBeUndefined();
    expect(await sessions.listOf(session.principal)).toEqual([]);
  });

  it('forgets its sets when their sessions could be no more', async () => {
    const { session } = await sessionsWith().open(wanted());
    const left = await redis.pttl(`${prefix}:sess-of:${session.principal}`);
    expect(left).toBeGreaterThan(9 * HOUR_MS);
    expect(left).toBeLessThanOrEqual(10 * HOUR_MS);
  });
});

describe('values that are used once', () => {
  it('are taken by one of many', async () => {
    const once = new OneTimeValues(redis, prefix, signer);
    await once.put('ticket', 'value', MINUTE_MS);
    const taken = await Promise.all(Array.from({ length: 20 }, () => once.take('ticket')));
    expect(taken.filter((value) => value !== undefined)).toEqual(['value']);
    const claimed = await Promise.all(Array.from({ length: 20 }, () => once.claim('id', MINUTE_MS)));
    expect(claimed.filter(Boolean)).toHaveLength(1);
    await redis.set(`${prefix}:once:forged`, 'value');
    expect(await once.take('forged')).toBeUndefined();
  });

  it('fail within seconds while Redis is away', async () => {
    const away = connectForCommands('redis://127.0.0.1:1', { warn: () => undefined });
    const once = new OneTimeValues(away, prefix, signer);
    for (const act of [once.put('k', 'v', 1), once.take('k'), once.claim('k', 1)]) {
      await expect(act).rejects.toMatchObject({ code: 'queue_unavailable' });
    }
    away.disconnect();
  });
});

describe('a sign-in', () => {
  class OnlyAlice extends Admission {
    async admit({ subject }: VerifiedIdentity): Promise<PrincipalRow> {
      if (subject !== 'alice') throw new BrokerError('signin_not_mapped');
      return { ...MADE_BY_OPERATOR, ...PRINCIPAL };
    }
  }
  const PRINCIPAL = {
    id: newPrincipalId(),
    name: 'corp:alice',
    kind: 'user',
    roles: ['approver'],
    groups: [],
    createdAtMs: 0,
    disabledAtMs: null,
  } as const;
  const recorded: unknown[] = [];
  let server: Server;
  let url = '';

  beforeAll(async () => {
    const settings = { DATABASE_URL: 'mysql://u:p@127.0.0.1/d', REDIS_URL: 'redis://127.0.0.1:6379' };
    const signIns = new SignIns(
      new OneTimeValues(redis, prefix, signer),
      sessionsWith(),
      new OnlyAlice(),
      { note: async (note: unknown) => void recorded.push(note) } as never,
      new PublicAddress(loadApiConfig(settings)),
    );
    const app = express();
    const provider = { provider: 'corp', kind: 'oidc' } as const;
    const routes: Readonly<Record<string, (request: Request, response: ExpressResponse) => Promise<string>>> = {
      '/start': (request, response) =>
        signIns.start(request, response, { ...provider, returnTo: request.query['to'], remember: { nonce: 'n' } }),
      '/back': async (request) => {
        const { flow, other, subject } = request.query;
        const kept = await signIns.resume({
          ...provider,
          provider: other === undefined ? 'corp' : 'other',
          flow,
          request,
        });
        return signIns.ticket(kept, { ...identity, subject: typeof subject === 'string' ? subject : 'alice' });
      },
      '/auth/finish': (request, response) => signIns.finish(request, response, request.query['t']),
    };
    for (const [path, answer] of Object.entries(routes)) {
      app.get(path, (request, response, next) => {
        answer(request, response).then((said) => response.json(said), next);
      });
    }
    app.use(((error, _request, response, _next) => {
      response.status(400).json(error instanceof BrokerError ? error.code : String(error));
    }) satisfies express.ErrorRequestHandler);
    server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => server?.close());

  async function get(path: string, cookie = ''): Promise<{ said: string; response: Response }> {
    const response = await fetch(`${url}${path}`, { headers: { cookie } });
    return { said: String(await response.json()), response };
  }

  async function start(to = '/', cookie = ''): Promise<{ flow: string; cookie: string }> {
    const { said, response } = await get(`/start?to=${encodeURIComponent(to)}`, cookie);
    return { flow: said, cookie: `__Host-doorwarden-pre=${cookieIn(response, '__Host-doorwarden-pre')}` };
  }

  it('comes back to the browser that began it, where it gets a session and goes where it wanted', async () => {
    const { flow, cookie } = await start('/approvals?x=1');
    const { said: ticket } = await get(`/back?flow=${flow}`, cookie);
    const { said, response } = await get(ticket, cookie);
    expect(said).toBe('/approvals?x=1');
    const session = cookieIn(response, '__Host-doorwarden') ?? '';
    expect(await sessionsWith().find(session)).toMatchObject({ principal: PRINCIPAL.id, identity });
    expect(cookieIn(response, '__Host-doorwarden-pre')).toBe('');
    expect(recorded.at(-1)).toMatchObject({ act: 'sign-in.done', by: { name: 'corp:alice', signIn: 'session:corp' } });
  });

  it('goes to no other place than one of this broker', async () => {
    const { flow, cookie } = await start('https://evil.example/');
    const { said: ticket } = await get(`/back?flow=${flow}`, cookie);
    expect((await get(ticket, cookie)).said).toBe('/');
  });

  it('is refused in another browser, at every step, and is then used up', async () => {
    const [mine, others] = await Promise.all([start(), start()]);
    expect((await get(`/back?flow=${mine.flow}`, others.cookie)).said).toBe('signin_not_started_here');
    expect((await get(`/back?flow=${mine.flow}`, mine.cookie)).said).toBe('signin_expired');
    const { said: ticket } = await get(`/back?flow=${others.flow}`, others.cookie);
    expect((await get(ticket)).said).toBe('signin_not_started_here');
    expect((await get(ticket, mine.cookie)).said).toBe('signin_not_started_here');
    expect((await get(ticket, others.cookie)).said).toBe('signin_expired');
  });

  it('is finished once, of many who try at the same time', async () => {
    const { flow, cookie } = await start();
    const backs = await Promise.all([1, 2, 3, 4].map(() => get(`/back?flow=${flow}`, cookie)));
    const tickets = backs.map(({ said }) => said).filter((said) => said.startsWith('/auth/finish'));
    expect(tickets).toHaveLength(1);
    const ends = await Promise.all([1, 2, 3, 4].map(() => get(tickets[0] ?? '', cookie)));
    expect(ends.map(({ said }) => said).sort()).toEqual(['/', 'signin_expired', 'signin_expired', 'signin_expired']);
  });

  it('may be begun in two windows of a browser', async () => {
    const first = await start('/first');
    const second = await start('/second', first.cookie);
    expect(second.cookie).toBe(first.cookie);
    const { said: ticket } = await get(`/back?flow=${first.flow}`, first.cookie);
    expect((await get(ticket, second.cookie)).said).toBe('/first');
  });

  it('with the answer of another provider is refused', async () => {
    const { flow, cookie } = await start();
    expect((await get(`/back?flow=${flow}&other=1`, cookie)).said).toBe('signin_refused');
  });

  it('of somebody whom nobody lets in has no session', async () => {
    const { flow, cookie } = await start();
    const { said: ticket } = await get(`/back?flow=${flow}&subject=mallory`, cookie);
    const { said, response } = await get(ticket, cookie);
    expect(said).toBe('signin_not_mapped');
    expect(cookieIn(response, '__Host-doorwarden')).toBeUndefined();
  });

  it.each(['', 'x', 'A'.repeat(43), '../../etc'])('with the made-up flow %j is refused', async (flow) => {
    const said = (await get(`/back?flow=${encodeURIComponent(flow)}`)).said;
    expect(['signin_not_started_here', 'signin_expired']).toContain(said);
  });
});
