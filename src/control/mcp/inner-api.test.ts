import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { RequestListener } from 'node:http';
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express';
import { expect, it } from 'vitest';
import { InnerApi } from './inner-api.js';

const CALLER = { address: '203.0.113.7', request: 'outer-1' };
const BASE = 'http://api.test';

/** What calls the routes of an app of its own, as a caller from that address. */
function innerApi(serve: (request: ExpressRequest, response: ExpressResponse) => void): InnerApi {
  const app = express();
  app.set('trust proxy', () => true); // anyone who said X-Forwarded-For would be believed
  app.use((request, response) => serve(request, response));
  const listener: RequestListener = app;
  return new InnerApi(() => listener);
}

it('passes on method, path, headers and body, with the address and the request id of the caller', async () => {
  const inner = innerApi((request, response) => {
    void text(request).then((body) => {
      const { method, originalUrl, ip, headers } = request;
      response.status(201).setHeader('X-Told', ['a', 'b']);
      response.json({ method, originalUrl, ip, key: headers.authorization, id: headers['x-request-id'], body });
    });
  });
  const answer = await inner.fetchFor(CALLER)(`${BASE}/v1/grants?wait=3`, {
    method: 'POST',
    headers: { authorization: 'Bearer dw_x', 'x-request-id': 'mine', 'content-type': 'application/json' },
    body: '{"ä":1}',
  });
  expect([answer.status, answer.headers.get('x-told')]).toEqual([201, 'a, b']);
  expect(await answer.json()).toEqual({
    method: 'POST',
    originalUrl: '/v1/grants?wait=3',
    ip: CALLER.address,
    key: 'Bearer dw_x',
    id: 'outer-1',
    body: '{"ä":1}',
  });
});

it('answers without a body where there is none, and passes large ones whole', async () => {
  const large = 'x'.repeat(3_000_000);
  const inner = innerApi((request, response) => {
    if (request.path === '/none') response.status(204).end();
    else response.send(large);
  });
  const call = inner.fetchFor(CALLER);
  const none = await call(`${BASE}/none`);
  expect([none.status, none.body]).toEqual([204, null]);
  expect((await (await call(`${BASE}/large`)).text()).length).toBe(large.length);
});

it('tells the route at once when the caller hangs up', async () => {
  const { promise: serving, resolve: serves } = Promise.withResolvers<ExpressResponse>();
  const inner = innerApi((_, response) => serves(response));
  const gone = new AbortController();
  const call = inner.fetchFor(CALLER)(`${BASE}/wait`, { signal: gone.signal });
  const closed = once(await serving, 'close');
  gone.abort();
  await expect(call).rejects.toThrow('abort');
  await closed;
});

it('fails when the route breaks off', async () => {
  const inner = innerApi((request, response) => {
    if (request.path === '/half') response.write('half');
    setImmediate(() => response.destroy());
  });
  const call = inner.fetchFor(CALLER);
  await expect(call(`${BASE}/none`)).rejects.toThrow();
  const half = await call(`${BASE}/half`);
  await expect(half.text()).rejects.toThrow();
});

it('takes no new calls while the api stops, and ends those that run when it is closed', async () => {
  const { promise: serving, resolve: serves } = Promise.withResolvers<ExpressResponse>();
  const inner = innerApi((_, response) => serves(response));
  const running = inner.fetchFor(CALLER)(`${BASE}/wait`);
  await serving;
  inner.stop();
  const refused = await inner.fetchFor(CALLER)(`${BASE}/v1/me`);
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'api_stopping', requestId: 'outer-1' }]);
  inner.close();
  await expect(running).rejects.toThrow();
});
