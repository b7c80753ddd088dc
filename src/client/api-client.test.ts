import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ApiClient, connectApi } from './api-client.js';
import { ApiFailure } from './api-failure.js';

const view = z.object({ name: z.string(), port: z.int() });
const KEY = 'dw_key';

/** An API that answers so, and a client of it. */
async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<ApiClient> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port');
  return connectApi({ api: `http://127.0.0.1:${address.port}/`, key: KEY });
}

function saying(status: number, text: string): Promise<ApiClient> {
  return answering((_request, response) => response.writeHead(status).end(text));
}

async function failureOf(call: Promise<unknown>): Promise<ApiFailure> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiFailure)) throw new Error('It did not fail so', { cause: error });
  return error;
}

it('calls with the key, and gives what the view knows of the answer', async () => {
  const api = await answering((request, response) => {
    const { method, url, headers } = request;
    request.setEncoding('utf8').on('data', (body: string) => {
      expect([method, url, headers.authorization, body]).toEqual(['POST', '/v1/things', `Bearer ${KEY}`, '{"a":1}']);
      response.end('{"name":"crm","port":3306,"newer":true}');
    });
  });
  expect(await api.post('/v1/things', { a: 1 }, view)).toEqual({ name: 'crm', port: 3306 });
});

it('fails with what a problem says, and with its code', async () => {
  const api = await saying(409, '{"code":"target_in_use","title":"In use.","detail":"By 1 grant.","next":"Close it."}');
  const failure = await failureOf(api.delete('/v1/targets/crm'));
  expect([failure.code, failure.message]).toEqual(['target_in_use', 'In use. By 1 grant. Close it. (target_in_use)']);
  expect((await failureOf(api.download('/v1/file'))).code).toBe('target_in_use');
  const events = api.events('/v1/events', AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
  expect((await failureOf(events.next())).code).toBe('target_in_use');
});

it.each([
  ['a refusal without a reason', 502, '{}', 'The API answered 502 without saying why.'],
  ['something else', 200, '<html>', 'is no API of Doorwarden.'],
  ['another form', 200, '{"name":"crm"}', 'in another form than this version of doorwarden knows (port: '],
  ['nothing where something is due', 200, '', 'in another form than this version of doorwarden knows (all of it: '],
])('fails when the answer is %s', async (_, status, text, why) => {
  const failure = await failureOf((await saying(status, text)).get('/v1/things', view));
  expect(failure.message).toContain(why);
  expect(failure.code).toBeNull();
});

it('takes the key nowhere else, and says so', async () => {
  const elsewhere = await answering((_request, response) => response.writeHead(302, { location: '/other' }).end());
  expect((await failureOf(elsewhere.get('/v1/things', view))).message).toMatch(
    /cannot be reached: unexpected redirect\.$/,
  );
});

it('says why nobody answers, and refuses an address that is none', async () => {
  const failure = await failureOf(connectApi({ api: 'http://127.0.0.1:2', key: KEY }).get('/', view));
  expect(failure.message).toBe('The API at http://127.0.0.1:2 cannot be reached: ECONNREFUSED.');
  expect(() => connectApi({ api: 'ftp://x', key: KEY })).toThrow('must begin with http:// or https://, not "ftp://x"');
});

it('gives events as they come, and fails when the connection is lost', async () => {
  const api = await answering((_request, response) => {
    response.write('event: asked\ndata: 1\n\n');
    setImmediate(() => response.destroy());
  });
  const events = api.events('/v1/events', new AbortController().signal)[Symbol.asyncIterator]();
  expect((await events.next()).value).toEqual({ event: 'asked', data: '1' });
  expect((await failureOf(events.next())).message).toContain('was lost');
});
