import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callApi } from '../../src/client/api-call.js';
import { useBroker } from '../support/broker.js';

/** Few, so that a test soon sees what is counted. */
const FAILURES = 3;
const broker = useBroker({ gateways: 0, env: { LIMIT_SIGN_IN_FAILURES_PER_10_MINUTES: String(FAILURES) } });

const MADE_UP_LINK = `/auth/link/${'A'.repeat(43)}`;

/** Sends a request as it is written, and gives all that comes back. */
function exchange(text: string): Promise<string> {
  const { port } = new URL(broker().api);
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (part: string) => (said += part));
    socket.once('data', () => socket.end()); // sooner it would be a client that has gone, whom nobody answers
    socket.once('end', () => resolve(said)).once('error', reject);
  });
}

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${broker().api}${path}`, { headers, redirect: 'manual' });

const codeOf = async (response: Response) => z.looseObject({ code: z.string() }).parse(await response.json()).code;

describe('a page of somebody else that has a browser load addresses of signing in', () => {
  it.each(['image', 'iframe', 'script', 'empty'])('as %s uses nothing up of what its address may do', async (part) => {
    const asPart = { 'sec-fetch-dest': part, 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'cross-site' };
    for (const path of [MADE_UP_LINK, '/auth/oidc/any', '/auth/saml/any', '/auth/oidc/any/callback?state=x']) {
      for (let count = 0; count < FAILURES + 2; count += 1) {
        const response = await get(path, asPart);
        expect([path, response.status, await codeOf(response)]).toEqual([path, 403, 'cross_site_refused']);
      }
    }
    for (let count = 0; count < FAILURES + 2; count += 1) {
      expect(await codeOf(await get('/auth/finish?t=x', asPart))).toBe('signin_not_started_here');
    }
    const visit = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };
    expect((await get('/auth/sign-in', visit)).status).toBe(200);
    expect(await codeOf(await get('/auth/finish?t=x', asPart))).not.toBe('too_many_requests');
  });
});

describe('headers', () => {
  it('of a proxy that nobody trusts do not say from where a sign-in comes, or by which way', async () => {
    const codes = [];
    for (let count = 0; count < FAILURES + 2; count += 1) {
      const headers = {
        'x-forwarded-for': `203.0.113.${count}`,
        forwarded: `for=203.0.113.${count};proto=https`,
        'x-real-ip': `203.0.113.${count}`,
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
      };
      codes.push(await codeOf(await get('/auth/finish?t=x', headers)));
    }
    expect(codes.slice(0, FAILURES)).toEqual(Array.from({ length: FAILURES }, () => 'signin_not_started_here'));
    expect(codes.at(-1)).toBe('too_many_requests');
  });

  it('that name another method or another host change nothing', async () => {
    const { operator: key } = broker().keys;
    const path = '/v1/principals?_method=DELETE';
    const override = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE', 'x-http-method': 'DELETE' };
    const response = await get(path, { ...override, authorization: `Bearer ${key}`, host: 'evil.example' });
    expect(response.status).toBe(400); // a query that the schema does not know, of the GET that it is
    const page = await exchange(
      'GET /auth/sign-in?return=//evil.example HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(page).toMatch(/^HTTP\/1\.1 200 /);
    expect(page).not.toContain('evil.example');
  });

  it('ask no other site in: nothing answers a question of CORS with a yes', async () => {
    const asks = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    for (const path of ['/v1/me', '/v1/approvals', '/auth/sign-out']) {
      const response = await fetch(`${broker().api}${path}`, { method: 'OPTIONS', headers: asks });
      expect(
        [...response.headers.keys()].filter((name) => name.startsWith('access-control-')),
        path,
      ).toEqual([]);
      expect(response.status, path).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('requests in two readings', () => {
  const head = 'POST /v1/principals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  it.each([
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}`],
    ['a length and chunks', `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown coding', `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['a name with a space', `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['a line that is folded', `${head}X-A: 1\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`],
  ])('(%s) are answered at most once, and never let in', async (_, text) => {
    const smuggled = 'GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n';
    const answers = [...(await exchange(`${text}${smuggled}`)).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(
      ([, status]) => status,
    );
    expect(answers[0]).toMatch(/^40[01]$/);
    if (answers[0] === '400') expect(answers).toHaveLength(1);
  });
});

describe('names that mean something to JavaScript', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('(%s) give nobody anything', async (name) => {
    const { operator: key } = broker().keys;
    const principal = `polluted-${name.replaceAll('_', '')}`;
    const evil = '{"roles":["operator"],"disabled":false,"permissions":["principal.write"]}';
    const body = `{"name":"${principal}","kind":"user","roles":["reviewer"],"${name}":${evil}}`;
    await fetch(`${broker().api}/v1/principals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
    });
    // The framework drops such a field before the schema sees it: what is left is what was asked for.
    const made = await callApi(broker().api, `/v1/principals/${principal}`, { key });
    expect(made.body).toMatchObject({ roles: ['reviewer'], kind: 'user' });
    const other = { name: `${principal}-2`, kind: 'user', roles: ['approver'] };
    const after = await callApi(broker().api, '/v1/principals', { key, body: other });
    expect(after.body).toMatchObject({ roles: ['approver'] });
    expect((await callApi(broker().api, `/v1/principals/${name}`, { key })).status).toBeGreaterThanOrEqual(400);
  });
});

describe('the log', () => {
  it('has no secret of a link, however its address is written', async () => {
    const secret = 'S'.repeat(43);
    for (const target of [`/auth/link/${secret}`, `/AUTH/link/${secret}/`, `http://x/auth/link/${secret}?a=b`]) {
      await exchange(`HEAD ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    }
    await expect
      .poll(
        () =>
          broker()
            .logs('api')
            .match(/auth\/link\/…/gi)?.length,
      )
      .toBeGreaterThanOrEqual(3);
    expect(broker().logs('api')).not.toContain(secret);
  });
});
